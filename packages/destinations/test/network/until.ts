/** Adapter: waits in real time, also under a test's clock. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"

const later = (run: () => void) => void setTimeout(run, 10)

/** At most five seconds. */
export const until = Effect.fnUntraced(function*(holds: () => boolean) {
  for (let tries = 0; tries < 500 && !holds(); tries++) {
    yield* Effect.callback<void>((resume) => later(() => resume(Effect.void)))
  }
  assert.isTrue(holds())
})
