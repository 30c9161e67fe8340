/** One line on stdout for each object delivered. */
import { type Delivery, LedgerProjection } from "@tailrace/control"
import { ControlLog } from "@tailrace/event-store"
import { Console, Effect, Stream } from "effect"
import { deliveredLine } from "./Banner.ts"

const lineOf = (control: ControlLog["Service"], { event }: Delivery): string => {
  const tailnet = [...control.tailnets()].find(({ destinations }) => destinations.has(event.destination))
  const name = tailnet?.destinations.get(event.destination)?.name
  return deliveredLine({ ...event, tailnet: tailnet?.name ?? "a tailnet", name: name || event.destination })
}

/** Follows deliveries until the scope closes. */
export const printDelivered = Effect.gen(function*() {
  const control = yield* ControlLog
  const { delivered } = yield* LedgerProjection
  yield* delivered.pipe(
    Stream.runForEach((delivery) => Console.log(lineOf(control, delivery))),
    Effect.forkScoped
  )
})
