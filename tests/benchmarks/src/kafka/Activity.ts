/** How long some processes together were busy: the wait for the end of an upload period is no work. */
import { Clock, Effect, Ref } from "effect"
import { figuresOf } from "../ProcessFigures.ts"

const sampleMillis = 100
/** Of one core, by all of them together. */
const idleShare = 0.25

const cpuOf = (pids: ReadonlyArray<number>) =>
  Effect.map(Effect.forEach(pids, figuresOf), (all) => all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0))

/** Samples from now on until the scope closes; answers the seconds in which they did something so far. */
export const watchActivity = Effect.fn("watchActivity")(function*(pids: ReadonlyArray<number>) {
  const busy = yield* Ref.make(0)
  let last = { at: yield* Clock.currentTimeMillis, cpu: yield* cpuOf(pids) }
  const sample = Effect.gen(function*() {
    const now = { at: yield* Clock.currentTimeMillis, cpu: yield* cpuOf(pids) }
    const seconds = (now.at - last.at) / 1_000
    if (now.cpu - last.cpu >= idleShare * seconds) yield* Ref.update(busy, (sum) => sum + seconds)
    last = now
  })
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(sampleMillis), sample)))
  return { seconds: Ref.get(busy) }
})
