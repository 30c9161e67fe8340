/** What happens to a fleet besides kills: the store and the broker go away, a worker comes and leaves in order. */
import { Clock, Effect, Fiber } from "effect"
import type { KafkaSite } from "../kafka/KafkaSite.ts"
import { outages } from "../kill/faults.ts"
import { drawLots } from "../kill/lots.ts"
import { close, occupy } from "./Seat.ts"
import type { Storm } from "./storm.ts"
import type { Span } from "./takeover.ts"

export interface Struck {
  readonly kafka: KafkaSite
  readonly storm: Storm
  readonly options: { readonly seed: number; readonly seconds: number }
  readonly brokerDown: Array<Span>
}

const guestSeconds = 20

/** A third worker: lanes move twice without a death. */
const guestVisit = Effect.fnUntraced(function*({ storm: { fleet: { guest } } }: Struck) {
  const visit = yield* Effect.forkScoped(occupy(guest))
  yield* Effect.sleep(guestSeconds * 1_000)
  close(guest)
  yield* Fiber.join(visit)
})

/** In order, or after a sudden death. */
const restartBroker = Effect.fnUntraced(function*({ brokerDown, kafka: { cluster }, options }: Struck) {
  const from = yield* Clock.currentTimeMillis
  if (drawLots(options.seed + 2).percent(50)) yield* Effect.promise(() => cluster.kill())
  yield* Effect.promise(() => cluster.restart())
  brokerDown.push([from, yield* Clock.currentTimeMillis])
})

/** Each at its share of the time. */
export const misfortunes = (struck: Struck) => {
  const { seconds, seed } = struck.options
  return Effect.all([
    outages(seconds, drawLots(seed + 1)),
    Effect.andThen(Effect.sleep(seconds * 200), guestVisit(struck)),
    Effect.andThen(Effect.sleep(seconds * 500), restartBroker(struck))
  ], { concurrency: "unbounded", discard: true })
}
