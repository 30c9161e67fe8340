/**
 * Produce, version 7 (`ProduceRequest.json` and `ProduceResponse.json` of Kafka's clients): the newest that tells the
 * base offset without flexible encoding, and there up to Kafka 4.x. Version 8 only adds texts to the errors.
 */
import type { Lane, Offset } from "@tailrace/log"
import type { Api, Throttled } from "../Api.ts"
import type { Reader } from "../Reader.ts"
import type { Writer } from "../Writer.ts"

/** One encoded batch for one lane. */
export interface ProducePart {
  /** As the cluster names it, with our prefix. */
  readonly topic: string
  readonly lane: Lane
  readonly batch: Uint8Array
}

export interface ProduceQuestion {
  /** Null outside of transactions. */
  readonly transactionalId: string | null
  /** How long the leader may wait for the replicas; the answer is REQUEST_TIMED_OUT after that. */
  readonly timeoutMillis: number
  /** Each lane of a topic at most once: a broker refuses two batches for one partition. */
  readonly parts: ReadonlyArray<ProducePart>
}

export interface ProducedPart {
  readonly topic: string
  readonly lane: Lane
  readonly code: number
  /** Offset of the batch's first record; −1 where it is not known. */
  readonly baseOffset: Offset
}

export interface ProduceAnswer extends Throttled {
  readonly parts: ReadonlyArray<ProducedPart>
}

/** `acks`: all replicas in sync. */
const allReplicas = -1
/** More than what stands around one batch: names and numbers. */
const partOverhead = 300

const roomFor = (parts: ReadonlyArray<ProducePart>): number =>
  parts.reduce((sum, { batch }) => sum + batch.length + partOverhead, partOverhead)

const write = (writer: Writer, { parts, timeoutMillis, transactionalId }: ProduceQuestion): void => {
  const byTopic = [...Map.groupBy(parts, ({ topic }) => topic)]
  writer.expect(roomFor(parts)).nullableString(transactionalId).int16(allReplicas).int32(timeoutMillis)
  writer.array(byTopic, ([topic, lanes]) => {
    writer.string(topic).array(lanes, ({ batch, lane }) => writer.int32(lane).byteString(batch))
  })
}

const readPart = (reader: Reader, topic: string): ProducedPart => {
  const lane = reader.int32()
  const code = reader.int16()
  const baseOffset = reader.int64()
  // Append time and start of the lane: nobody here asks for them.
  reader.int64()
  reader.int64()
  return { topic, lane, code, baseOffset }
}

const readTopic = (reader: Reader): ReadonlyArray<ProducedPart> => {
  const topic = reader.string()
  return reader.array(() => readPart(reader, topic))
}

export const produce: Api<ProduceQuestion, ProduceAnswer> = {
  name: "Produce",
  key: 0,
  version: 7,
  write,
  read: (reader) => {
    const parts = reader.array(() => readTopic(reader)).flat()
    return { parts, throttleMillis: reader.int32() }
  }
}
