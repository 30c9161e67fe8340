/**
 * ListOffsets, version 2 (brokers 0.11 to 4.x): where partitions begin and end, and where a time lies in them.
 *
 * Source: kafka.apache.org/protocol, "ListOffsets API (Key: 2)".
 */
import type { Api, Throttled } from "../Api.ts"

/** Special values of `time`. */
export const earliestTime = -2
export const latestTime = -1

export interface ListOffsetsQuestion {
  /** Of `latestTime`: the last stable offset instead of the high watermark. */
  readonly isReadCommitted: boolean
  readonly topics: ReadonlyArray<{
    readonly name: string
    /** Each partition at most once. `time`: epoch milliseconds, or one of the special values. */
    readonly partitions: ReadonlyArray<{ readonly partition: number; readonly time: number }>
  }>
}

export interface ListOffsetsAnswer extends Throttled {
  readonly topics: ReadonlyArray<{
    readonly name: string
    readonly partitions: ReadonlyArray<{
      readonly partition: number
      readonly code: number
      /** −1 where no record is as young as the time that was asked for. */
      readonly offset: number
    }>
  }>
}

/** Of a consumer, not of a broker that follows. */
const noReplica = -1

export const listOffsets: Api<ListOffsetsQuestion, ListOffsetsAnswer> = {
  name: "ListOffsets",
  key: 2,
  version: 2,
  write: (writer, { isReadCommitted, topics }) => {
    writer.int32(noReplica).int8(isReadCommitted ? 1 : 0).array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, ({ partition, time }) => {
        writer.int32(partition).int64(time)
      })
    })
  },
  read: (reader) => ({
    throttleMillis: reader.int32(),
    topics: reader.array(() => ({
      name: reader.string(),
      partitions: reader.array(() => {
        const partition = reader.int32()
        const code = reader.int16()
        reader.int64()
        return { partition, code, offset: reader.int64() }
      })
    }))
  })
}
