/**
 * Adapter: reads a cluster's topics from their beginning to their end with somebody else's consumer, so that ours is
 * not its own witness. Transactions that were given up are left out.
 */
import type { LogRecord } from "@tailrace/log"
import { Effect } from "effect"
import type { Batch, Consumer, Kafka } from "kafkajs"
import type { LaneRecords } from "./LaneRecords.ts"

const recordsOf = ({ messages }: Batch): ReadonlyArray<LogRecord> =>
  messages.map(({ key, offset, timestamp, value }) => ({
    key: key?.toString() ?? null,
    value,
    offset: Number(offset),
    time: Number(timestamp)
  }))

const placeOf = (topic: string, lane: number): string => `${topic}/${lane}`

/** The end of each lane that has one, by its place. */
async function endsOf(kafka: Kafka, topics: ReadonlyArray<string>): Promise<Map<string, number>> {
  const admin = kafka.admin()
  await admin.connect()
  const ends = new Map<string, number>()
  for (const topic of topics) {
    for (const { high, partition } of await admin.fetchTopicOffsets(topic)) ends.set(placeOf(topic, partition), +high)
  }
  await admin.disconnect()
  return ends
}

/** Calls `take` with everything before the ends; control records count as read, but are not taken. */
async function readUntil(consumer: Consumer, ends: ReadonlyMap<string, number>, take: (batch: Batch) => void) {
  const open = new Set([...ends].filter(([, end]) => end > 0).map(([place]) => place))
  const { promise, reject, resolve } = Promise.withResolvers<void>()
  consumer.on("consumer.crash", ({ payload }) => reject(payload.error))
  consumer.on("consumer.end_batch_process", ({ payload: { lastOffset, partition, topic } }) => {
    const place = placeOf(topic, partition)
    if (Number(lastOffset) + 1 >= (ends.get(place) ?? 0)) open.delete(place)
    if (open.size === 0) resolve()
  })
  await consumer.run({ eachBatch: async ({ batch }) => take(batch) })
  await promise
}

async function read(kafka: Kafka, topics: ReadonlyArray<string>): Promise<Map<string, Array<LogRecord>>> {
  const ends = await endsOf(kafka, topics)
  const records = new Map<string, Array<LogRecord>>([...ends.keys()].map((place) => [place, []]))
  const consumer = kafka.consumer({ groupId: "the-checker", readUncommitted: false })
  await consumer.connect()
  await consumer.subscribe({ topics: [...topics], fromBeginning: true })
  await readUntil(consumer, ends, (batch) => {
    const ofLane = records.get(placeOf(batch.topic, batch.partition))
    for (const record of recordsOf(batch)) ofLane?.push(record)
  })
  await consumer.disconnect()
  return records
}

/** Every lane of each topic, all values in memory; nobody may write them any more. */
export const readKafka = Effect.fn("readKafka")(
  function*(kafka: Kafka, topics: ReadonlyArray<string>, lanes: number) {
    const records = yield* Effect.promise(() => read(kafka, topics))
    return topics.map((topic): ReadonlyArray<LaneRecords> =>
      Array.from({ length: lanes }, (_, lane) => ({ lane, records: records.get(placeOf(topic, lane)) ?? [] }))
    )
  },
  Effect.timeout("2 minutes"),
  Effect.orDie
)
