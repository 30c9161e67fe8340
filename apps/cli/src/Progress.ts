/** A progress line on stderr while a person watches it; silent otherwise. */
import { Context, Effect, Layer, Stdio, Stream } from "effect"

export interface Sent {
  readonly records: number
  readonly bytes: number
  /** Null: not known, as from a pipe. */
  readonly ofBytes: number | null
}

const width = 24

const bar = (share: number): string => {
  const filled = Math.round(Math.min(1, share) * width)
  return `[${"#".repeat(filled)}${"-".repeat(width - filled)}] ${
    String(Math.floor(Math.min(1, share) * 100)).padStart(3)
  } %`
}

const size = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`

/** The line for a state, without control characters. */
export const progressLine = ({ bytes, ofBytes, records }: Sent): string => {
  const figures = `${records.toLocaleString("en-US")} records  ${size(bytes)}`
  return ofBytes === null || ofBytes === 0 ? figures : `${bar(bytes / ofBytes)}  ${figures}`
}

export class Progress extends Context.Service<Progress, {
  show(sent: Sent): Effect.Effect<void>
  /** Takes the line away again. */
  readonly clear: Effect.Effect<void>
}>()("@tailrace/cli/Progress") {
  static readonly layer = Layer.effect(
    Progress,
    Effect.gen(function*() {
      const stdio = yield* Stdio.Stdio
      if (!(yield* stdio.stderrIsTerminal)) return { show: () => Effect.void, clear: Effect.void }
      const write = (text: string) => Stream.succeed(text).pipe(Stream.run(stdio.stderr()), Effect.ignore)
      return { show: (sent: Sent) => write(`\r\u001b[2K${progressLine(sent)}`), clear: write("\r\u001b[2K") }
    })
  )
}
