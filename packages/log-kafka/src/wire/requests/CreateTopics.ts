/**
 * CreateTopics, version 3 (brokers 2.0 to 4.x): makes topics, each by itself: some may be refused.
 *
 * Source: kafka.apache.org/protocol, "CreateTopics API (Key: 19)".
 */
import type { Api, Throttled } from "../Api.ts"

export interface CreateTopicsQuestion {
  readonly topics: ReadonlyArray<{
    readonly name: string
    readonly partitions: number
    readonly replicationFactor: number
    readonly configs: Readonly<Record<string, string>>
  }>
  /** How long the broker waits until the topics are known to all brokers. */
  readonly timeoutMillis: number
}

export interface CreateTopicsAnswer extends Throttled {
  readonly topics: ReadonlyArray<{
    readonly name: string
    readonly code: number
    /** In the broker's words. */
    readonly reason: string | null
  }>
}

export const createTopics: Api<CreateTopicsQuestion, CreateTopicsAnswer> = {
  name: "CreateTopics",
  key: 19,
  version: 3,
  write: (writer, { timeoutMillis, topics }) => {
    const assignments: ReadonlyArray<never> = []
    writer.array(topics, ({ configs, name, partitions, replicationFactor }) => {
      writer.string(name).int32(partitions).int16(replicationFactor).array(assignments, () => {})
      writer.array(Object.entries(configs), ([key, value]) => {
        writer.string(key).nullableString(value)
      })
    })
    writer.int32(timeoutMillis).boolean(false)
  },
  read: (reader) => ({
    throttleMillis: reader.int32(),
    topics: reader.array(() => ({
      name: reader.string(),
      code: reader.int16(),
      reason: reader.nullableString()
    }))
  })
}
