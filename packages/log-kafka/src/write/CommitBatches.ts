/** The entries of a commit as encoded batches: each topic's in order, none larger than a topic takes. */
import type { LaneEntry, Topic } from "@tailrace/log"
import { batchesOf } from "../batch/BatchSize.ts"
import { encodeBatch } from "../batch/EncodeBatch.ts"
import { maxBatchBytes } from "./AppendQueue.ts"
import { advanced, type Producer } from "./Stamp.ts"

export interface CommitBatch {
  readonly topic: Topic
  readonly batch: Buffer
  /** Number of its records. */
  readonly count: number
}

export interface TopicBatches {
  readonly topic: Topic
  readonly batches: ReadonlyArray<CommitBatch>
}

/** Encodes in one pass, so that the entries are not needed any more; moves the topics' sequence numbers on. */
export const commitBatches = (
  entries: ReadonlyArray<LaneEntry>,
  sequences: Map<Topic, number>,
  { producer: { producerEpoch, producerId }, timestamp }: { readonly producer: Producer; readonly timestamp: number }
): ReadonlyArray<TopicBatches> =>
  [...Map.groupBy(entries, ({ topic }) => topic)].map(([topic, all]) => {
    const batches = batchesOf(all, maxBatchBytes).map((part) => {
      const baseSequence = sequences.get(topic) ?? 0
      sequences.set(topic, advanced(baseSequence, part.length))
      const stamp = { producerId, producerEpoch, baseSequence, isTransactional: true, timestamp }
      return { topic, batch: encodeBatch(part, stamp), count: part.length }
    })
    return { topic, batches }
  })
