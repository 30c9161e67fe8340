/** A way by which notices reach somebody. `Notices` knows when; a channel knows how. */
import { type Effect, Schema } from "effect"
import type { Notice } from "./Notice.ts"

/** The channel did not take a notice; the reason holds no secret. */
export class NotTold extends Schema.TaggedError<NotTold>()("NotTold", { reason: Schema.String }) {
  override get message(): string {
    return this.reason
  }
}

export interface Channel {
  readonly name: "webhook" | "mail"
  /** Returns when whoever it tells has taken it: one attempt, bounded in time. `owner`: the Owner's login name. */
  tell(notice: Notice, owner: string | undefined): Effect.Effect<void, NotTold>
}
