/** Delivery with everything real: compression on the thread pool, the spool in the data folder, the guarded clients. */
import { Compression, Delivery, DeliveryLimits, limitsFor, Spool } from "@tailrace/delivery"
import { ObjectStoresLive, ReceiversLive } from "@tailrace/destinations"
import { Log } from "@tailrace/log"
import { Effect, Layer, Option } from "effect"
import { hostname } from "node:os"
import process from "node:process"
import { awsIdentity, guard } from "../Foundation.ts"
import { Readiness } from "../Health.ts"
import { Settings } from "../settings/Settings.ts"
import { spoolFolder } from "./SpoolFolder.ts"

/** What is left of the drain after requests in flight had theirs. */
const shareOfDrain = 0.5

/** Every type of destination, each connection guarded. */
const destinations = Layer.merge(ObjectStoresLive, ReceiversLive).pipe(Layer.provide([guard, awsIdentity]))

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

const spool = Layer.unwrap(Effect.map(spoolFolder, (folder) => Spool.layer(folder)))

/** Serves the lanes that this process owns; of the embedded log every one. */
export const layer = Layer.unwrap(
  Effect.map(Settings, ({ app }) => Delivery.layer({ name: `${app} ${process.pid} on ${hostname()}` }))
).pipe(Layer.provide([Compression.layer, spool, destinations, limits]))

/** Ready when every lane that is ours is served. The embedded log is ours alone; on Kafka we may own no lane at all. */
export const readiness = Layer.effect(
  Readiness,
  Effect.gen(function*() {
    const delivery = yield* Delivery
    const { lanes } = yield* Log
    const { kafka } = yield* Settings
    const all = Option.isNone(kafka) ? Array.from({ length: lanes }, (_, lane) => lane) : undefined
    const problems = Effect.map(delivery.lanes, (states) =>
      (all ?? [...states.keys()])
        .filter((lane) => states.get(lane) !== "serving")
        .map((lane) => `lane ${lane} is not served: ${states.get(lane) ?? "not owned"}`))
    return { problems }
  })
)
