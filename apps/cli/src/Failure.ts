/** How a command can end without success, and the exit code of each end. */
import { Schema } from "effect"

/** Exit codes; also shown by `tailrace --help`. */
export const exitCodes = { ok: 0, refused: 1, usage: 2, unreachable: 3 } as const

/** The server answered and said no: its own sentence, which names the field if one is wrong. */
export class Refused extends Schema.TaggedError<Refused>()("Refused", {
  status: Schema.Int,
  message: Schema.String
}) {
  readonly exitCode = exitCodes.refused
}

/** Something on this side is not right: an argument, a file, a setting. */
export class Usage extends Schema.TaggedError<Usage>()("Usage", { message: Schema.String }) {
  readonly exitCode = exitCodes.usage
}

/** No answer. */
export class Unreachable extends Schema.TaggedError<Unreachable>()("Unreachable", {
  url: Schema.String,
  reason: Schema.String
}) {
  readonly exitCode = exitCodes.unreachable
  override get message(): string {
    return `cannot reach ${this.url}: ${this.reason}. Is the server running (npm start)? TAILRACE_URL says where it is`
  }
}

export type Failure = Refused | Usage | Unreachable
