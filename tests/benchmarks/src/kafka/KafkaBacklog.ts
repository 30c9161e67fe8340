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
  /** When the first one was logged; the others follow, 200 a second. */
  readonly firstMillis?: number
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

/** Records that must be young are written anew each hour. */
const nameOf = ({ destinations, firstMillis, receiver, records, tailnets }: Backlog): string =>
  [
    "kafka",
    records,
    tailnets,
    destinations,
    ...receiver === undefined ? [] : [receiver.protocol, receiver.codec],
    ...firstMillis === undefined ? [] : [new Date(firstMillis).toISOString().slice(0, 13)]
  ].join("-")

/** A broker on a copy, and what was written to it, as sorted fingerprints. */
export const startWithBacklog = Effect.fn("startWithBacklog")(function*(backlog: Backlog) {
  const folder = yield* kept(nameOf(backlog), (folder) => fill(folder, backlog))
  const copy = path.join(yield* temporaryFolder, "cluster")
  yield* copyFolder(clusterIn(folder), copy)
  const kafka = yield* startKafka(copy)
  return { kafka, written: yield* readFingerprints(folder) }
})
