/**
 * Fetch, version 11 (brokers 2.3 to 4.x): record sets of lanes from given offsets on, only what is committed. Without a
 * fetch session: each question names all lanes. The first lane that holds anything may bring a batch over the limits.
 *
 * Source: kafka.apache.org/protocol, "Fetch API (Key: 1)".
 */
import type { Lane, Offset } from "@tailrace/log"
import type { AbortedTransaction } from "../../batch/RecordSetReader.ts"
import type { Api, Throttled } from "../Api.ts"
import type { Reader } from "../Reader.ts"
import type { Writer } from "../Writer.ts"

export interface FetchPartition {
  /** As the cluster names it. */
  readonly topic: string
  readonly lane: Lane
  readonly offset: Offset
  readonly maxBytes: number
}

export interface FetchQuestion {
  /** How long the broker waits for `minBytes`. */
  readonly maxWaitMillis: number
  readonly minBytes: number
  readonly maxBytes: number
  /** Each lane once; the broker fills the answer in this order. */
  readonly partitions: ReadonlyArray<FetchPartition>
}

export interface FetchedPartition {
  readonly topic: string
  readonly lane: Lane
  readonly code: number
  /** The high watermark; −1 with most error codes, as the two below. */
  readonly next: Offset
  readonly stable: Offset
  readonly earliest: Offset
  readonly aborted: ReadonlyArray<AbortedTransaction>
  /** Not copied: it keeps the whole answer in memory. */
  readonly records: Buffer
}

export interface FetchAnswer extends Throttled {
  readonly code: number
  readonly partitions: ReadonlyArray<FetchedPartition>
}

const anyReplica = -1
const readCommitted = 1
const noSession = 0
const noEpoch = -1
const noRack = ""

const writePartition = (writer: Writer, { lane, maxBytes, offset }: FetchPartition): void => {
  writer.int32(lane).int32(noEpoch).int64(offset).int64(-1).int32(maxBytes)
}

/** Lanes of one topic that stand side by side; a topic may come again, so that the order stays. */
const runsOf = (partitions: ReadonlyArray<FetchPartition>): ReadonlyArray<ReadonlyArray<FetchPartition>> => {
  const runs: Array<Array<FetchPartition>> = []
  for (const partition of partitions) {
    const run = runs.at(-1)
    if (run?.[0]?.topic === partition.topic) run.push(partition)
    else runs.push([partition])
  }
  return runs
}

const readPartition = (reader: Reader, topic: string): FetchedPartition => {
  const lane = reader.int32()
  const code = reader.int16()
  const next = reader.int64()
  const stable = reader.int64()
  const earliest = reader.int64()
  const aborted = reader.array(() => ({ producerId: reader.int64(), firstOffset: reader.int64() }))
  reader.int32()
  return { topic, lane, code, next, stable, earliest, aborted, records: reader.byteString() }
}

const readTopic = (reader: Reader): ReadonlyArray<FetchedPartition> => {
  const topic = reader.string()
  return reader.array(() => readPartition(reader, topic))
}

export const fetchRecords: Api<FetchQuestion, FetchAnswer> = {
  name: "Fetch",
  key: 1,
  version: 11,
  write: (writer, { maxBytes, maxWaitMillis, minBytes, partitions }) => {
    writer.int32(anyReplica).int32(maxWaitMillis).int32(minBytes).int32(maxBytes)
    writer.int8(readCommitted).int32(noSession).int32(noEpoch)
    writer.array(runsOf(partitions), (run) => {
      writer.string(run[0]?.topic ?? "").array(run, (partition) => writePartition(writer, partition))
    })
    writer.int32(0).string(noRack)
  },
  read: (reader) => {
    const throttleMillis = reader.int32()
    const code = reader.int16()
    reader.int32()
    return { throttleMillis, code, partitions: reader.array(() => readTopic(reader)).flat() }
  }
}
