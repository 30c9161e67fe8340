/**
 * A cluster's folder with records that wait: topics and streams made by the control process, records by Kafka's own
 * producer. Kept, and copied for each run.
 */
import { Effect } from "effect"
import { readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { copyFolder, kept, temporaryFolder } from "../Folders.ts"
import { startKafka } from "./Broker.ts"
import { startKafkaApp } from "./KafkaApp.ts"
import { produce } from "./Producer.ts"
import { makeStreams, type Streams } from "./Streams.ts"

export interface Backlog extends Streams {
  readonly records: number
}

/** One tailnet, one destination. */
export const plainBacklog = (records: number): Backlog => ({ records, tailnets: 1, destinations: 1 })

const clusterIn = (folder: string) => path.join(folder, "cluster")
const controlIn = (folder: string) => path.join(folder, "control")
const fingerprintsIn = (folder: string) => path.join(folder, "written.f64")

const fill = Effect.fnUntraced(function*(folder: string, backlog: Backlog) {
  const kafka = yield* startKafka(clusterIn(folder))
  const control = yield* startKafkaApp({ app: "control", kafka, data: controlIn(folder) })
  yield* makeStreams(control, backlog)
  yield* control.program.stop
  const written = yield* produce(kafka, backlog)
  yield* Effect.promise(() => writeFile(fingerprintsIn(folder), written.sorted))
}, Effect.scoped)

const readFingerprints = (folder: string) =>
  Effect.promise(async () => {
    const bytes = await readFile(fingerprintsIn(folder))
    return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  })

/** A broker on a copy, and what was written to it, as sorted fingerprints. */
export const startWithBacklog = Effect.fn("startWithBacklog")(function*(backlog: Backlog) {
  const { destinations, records, tailnets } = backlog
  const folder = yield* kept(`kafka-${records}-${tailnets}-${destinations}`, (folder) => fill(folder, backlog))
  const copy = path.join(yield* temporaryFolder, "cluster")
  yield* copyFolder(clusterIn(folder), copy)
  const kafka = yield* startKafka(copy)
  return { kafka, written: yield* readFingerprints(folder) }
})
