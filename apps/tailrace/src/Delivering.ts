/** Delivery with everything real: compression on the thread pool, the spool in the data folder, the guarded clients. */
import { Guard, ObjectStoresLive } from "@tailrace/destinations"
import { Compression, Delivery, DeliveryLimits, limitsFor, Spool } from "@tailrace/delivery"
import { Effect, Layer } from "effect"
import process from "node:process"
import { allowedRanges, places } from "./Foundation.ts"
import { Settings } from "./Settings.ts"

/** What is left of the drain's ten seconds after requests in flight had theirs. */
const drainMillis = 5_000

const stores = ObjectStoresLive.pipe(
  Layer.provide(Layer.unwrap(Effect.map(allowedRanges, (ranges) => Guard.layer(ranges))))
)

const limits = Layer.effect(
  DeliveryLimits,
  Effect.map(Settings, ({ memory }) => ({ ...limitsFor(memory), drainMillis }))
)

const spool = Layer.unwrap(Effect.map(Settings, ({ data }) => Spool.layer(places(data).spool)))

/** Serves every lane of the embedded log. */
export const layer = Delivery.layer({ name: `tailrace ${process.pid}` }).pipe(
  Layer.provide([Compression.layer, spool, stores, limits])
)
