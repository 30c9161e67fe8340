/**
 * A cluster's folder with records that wait: topics and streams made by the control process, records by Kafka's own
 * producer. Kept, and copied for each run.
 */
import { Effect } from "effect"
import { readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { allowFlowLogs, ask } from "../App.ts"
import { stream } from "../Bucket.ts"
import { copyFolder, kept, temporaryFolder } from "../Folders.ts"
import { startKafka } from "./Broker.ts"
import { startKafkaApp } from "./KafkaApp.ts"
import { produce } from "./Producer.ts"

/** So that the wait for the end of the last upload period is short. */
const uploadPeriod = { uploadPeriodMinutes: 0, uploadPeriodSeconds: 5 }

const clusterIn = (folder: string) => path.join(folder, "cluster")
const controlIn = (folder: string) => path.join(folder, "control")
const fingerprintsFile = (folder: string) => path.join(folder, "written.f64")

const fill = Effect.fnUntraced(function*(folder: string, records: number) {
  const kafka = yield* startKafka(clusterIn(folder))
  const control = yield* startKafkaApp({ app: "control", kafka, data: controlIn(folder) })
  yield* allowFlowLogs(control)
  const destinations = "/api/v2/tailnet/-/logging/network/destinations"
  yield* ask(control, { method: "POST", path: destinations, body: { ...stream, ...uploadPeriod, name: "archive" } })
  yield* control.program.stop
  const written = yield* produce(kafka, { records, tailnets: 1 })
  yield* Effect.promise(() => writeFile(fingerprintsFile(folder), written.sorted))
}, Effect.scoped)

const readFingerprints = (folder: string) =>
  Effect.promise(async () => {
    const bytes = await readFile(fingerprintsFile(folder))
    return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  })

/** A broker on a copy, and what was written to it, as sorted fingerprints. */
export const startWithBacklog = Effect.fn("startWithBacklog")(function*(records: number) {
  const folder = yield* kept(`kafka-${records}`, (folder) => fill(folder, records))
  const copy = path.join(yield* temporaryFolder, "cluster")
  yield* copyFolder(clusterIn(folder), copy)
  const kafka = yield* startKafka(copy)
  return { kafka, written: yield* readFingerprints(folder) }
})
