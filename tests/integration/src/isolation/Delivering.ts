/** Delivery with everything real in this process, on a folder of its own; waits are short: tests see their ends. */
import { Compression, defaultLimits, Delivery, DeliveryLimits, Spool } from "@tailrace/delivery"
import { ControlLog, Secrets } from "@tailrace/event-store"
import { LogSqlite } from "@tailrace/log-sqlite"
import { Effect, Layer, Redacted } from "effect"
import path from "node:path"
import { localReceivers, localStores, temporaryFolder } from "../s3/S3Site.ts"

export const lanes = 2

const limits = {
  ...defaultLimits,
  backoff: { baseMillis: 500, capMillis: 4_000 },
  probe: { baseMillis: 2_000, capMillis: 4_000 }
}

const control = Layer.merge(ControlLog.layer, Secrets.layer({ masterKey: Redacted.make(new Uint8Array(32).fill(7)) }))

/** What outlives delivery: the log, and what is known from it. */
export const foundation = Layer.unwrap(
  Effect.map(
    temporaryFolder,
    (folder) => control.pipe(Layer.provideMerge(LogSqlite.layer({ directory: path.join(folder, "log"), lanes })))
  )
)

/** Serves all lanes as long as it lives. */
export const delivering = Layer.unwrap(
  Effect.map(temporaryFolder, (folder) =>
    Delivery.layer({ name: "test" }).pipe(
      Layer.provide([
        Compression.layer,
        Spool.layer(path.join(folder, "spool")),
        localStores,
        localReceivers,
        Layer.succeed(DeliveryLimits, limits)
      ])
    ))
)
