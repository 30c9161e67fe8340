/** Delivery with everything real: compression on the thread pool, the spool in the data folder, the guarded clients. */
import { Guard, ObjectStoresLive } from "@tailrace/destinations"
import { Compression, Delivery, DeliveryLimits, limitsFor, Spool } from "@tailrace/delivery"
import { Effect, Layer } from "effect"
import process from "node:process"
import { allowedRanges, places } from "./Foundation.ts"
import { Settings } from "./Settings.ts"

/** What is left of the drain after requests in flight had theirs. */
const shareOfDrain = 0.5

const stores = ObjectStoresLive.pipe(
  Layer.provide(Layer.unwrap(Effect.map(allowedRanges, (ranges) => Guard.layer(ranges))))
)

const limits = Layer.effect(
  DeliveryLimits,
  Effect.map(Settings, ({ limits, memory }) => {
    const fitting = limitsFor(memory)
    return {
      ...fitting,
      objectBytes: Math.min(limits.objectSize, fitting.objectBytes),
      legShareBytes: limits.legMemory,
      backoff: { baseMillis: limits.retryFirst, capMillis: limits.retryLongest },
      probe: { baseMillis: limits.probeFirst, capMillis: limits.probeLongest },
      drainMillis: limits.drain * shareOfDrain
    }
  })
)

const spool = Layer.unwrap(Effect.map(Settings, ({ data }) => Spool.layer(places(data).spool)))

/** Serves every lane of the embedded log. */
export const layer = Delivery.layer({ name: `tailrace ${process.pid}` }).pipe(
  Layer.provide([Compression.layer, spool, stores, limits])
)
