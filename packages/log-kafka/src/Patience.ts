/** Waits at the start for a cluster that does not answer yet, and says so; a refusal is not waited out. */
import { Clock, Effect } from "effect"
import type { KafkaOptions } from "./KafkaOptions.ts"
import { KafkaUnusable } from "./KafkaUnusable.ts"
import type { Unreachable } from "./wire/Unreachable.ts"

const betweenAttempts = "500 millis"
const betweenLinesMillis = 10_000

/** Tries until the attempt succeeds or is refused, for `patienceMillis` at most; the first attempt is always made. */
export const patiently = Effect.fnUntraced(function*<A>(
  attempt: Effect.Effect<A, Unreachable | KafkaUnusable>,
  { brokers, patienceMillis }: Pick<KafkaOptions, "brokers" | "patienceMillis">
) {
  const bootstrap = brokers[0] ?? ""
  const began = yield* Clock.currentTimeMillis
  let told = -Infinity
  const wait = Effect.fnUntraced(function*({ isRefusal, reason }: Unreachable) {
    if (isRefusal) return yield* new KafkaUnusable({ bootstrap, reason })
    const now = yield* Clock.currentTimeMillis
    if (now - began >= patienceMillis) {
      const seconds = Math.round((now - began) / 1_000)
      return yield* new KafkaUnusable({ bootstrap, reason: `${reason} (waited for ${seconds} s)` })
    }
    if (now - told >= betweenLinesMillis) {
      told = now
      yield* Effect.logWarning(`waiting for Kafka at ${bootstrap}: ${reason}`)
    }
    return yield* Effect.sleep(betweenAttempts)
  })
  while (true) {
    const outcome = yield* attempt.pipe(
      Effect.map((value) => ({ value })),
      Effect.catchTag("Unreachable", wait)
    )
    if (outcome !== undefined) return outcome.value
  }
})
