/**
 * Refused writes as records of the tailnet's audit log: at least once, at most so many a minute. They are no control
 * events: nothing has changed.
 */
import { Audit, type CommandEnvelope, type Refusal, type TailnetName, type TailnetState } from "@tailrace/domain"
import { laneOf, Log } from "@tailrace/log"
import { Clock, Context, Effect, Layer } from "effect"
import { messageOf } from "./ApiAnswer.ts"

/** Records of refused writes that a tailnet's audit log takes in a minute; the rest is only answered. */
export const maxFailedRequestsPerMinute = 60

const minuteMillis = 60_000

/** A minute's count of each tailnet; as many as there are tailnets. */
class MinuteCount {
  readonly #counts = new Map<TailnetName, { readonly since: number; count: number }>()

  /** True while the tailnet is below the limit. */
  admit(tailnet: TailnetName, now: number): boolean {
    const known = this.#counts.get(tailnet)
    if (known !== undefined && now - known.since < minuteMillis) return ++known.count <= maxFailedRequestsPerMinute
    this.#counts.set(tailnet, { since: now, count: 1 })
    return true
  }
}

export class FailedRequests extends Context.Service<FailedRequests, {
  /** Never fails: a record that cannot be appended is logged, and the client has its answer all the same. */
  record(state: TailnetState, command: CommandEnvelope, refusal: Refusal): Effect.Effect<void>
}>()("@tailrace/control/FailedRequests") {
  static readonly layer = Layer.effect(
    FailedRequests,
    Effect.gen(function*() {
      const log = yield* Log
      const counts = new MinuteCount()
      const encoder = new TextEncoder()
      return FailedRequests.of({
        record: Effect.fn("FailedRequests.record")(
          function*(state, command, refusal) {
            if (!counts.admit(state.name, yield* Clock.currentTimeMillis)) return
            const line = Audit.failedRequestLine(state, command, { message: messageOf(refusal) })
            const entry = { key: state.name, value: encoder.encode(line) }
            yield* log.append("audit", laneOf(state.name, log.lanes), [entry])
          },
          Effect.catch((error) => Effect.logWarning(`a refused write is not in the audit log: ${error.message}`))
        )
      })
    })
  )
}
