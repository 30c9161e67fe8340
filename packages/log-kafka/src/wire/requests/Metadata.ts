/**
 * Metadata: which brokers there are, and who leads which partition. Version 10 (brokers 2.8 to 4.x) also tells each
 * topic's identity, version 5 (brokers 1.0 to 4.x) is for the others. No topic is created by asking.
 *
 * Source: kafka.apache.org/protocol, "Metadata API (Key: 3)".
 */
import type { Address } from "../Address.ts"
import type { Api, Throttled } from "../Api.ts"
import type { Reader } from "../Reader.ts"

export interface MetadataQuestion {
  /** At least one: without any, version 5 would answer all of the cluster's. */
  readonly topics: ReadonlyArray<string>
}

export interface MetadataPartition {
  readonly errorCode: number
  readonly partition: number
  /** −1 while nobody leads it. */
  readonly leader: number
  readonly replicas: ReadonlyArray<number>
  readonly inSync: ReadonlyArray<number>
}

export interface MetadataTopic {
  readonly errorCode: number
  readonly name: string
  /** base64url of the topic's 16 bytes, as Kafka's tools print it; empty where the broker gave none. */
  readonly id: string
  readonly partitions: ReadonlyArray<MetadataPartition>
}

export interface MetadataAnswer extends Throttled {
  readonly brokers: ReadonlyArray<{ readonly broker: number; readonly address: Address }>
  /** −1 while there is none. */
  readonly controller: number
  readonly topics: ReadonlyArray<MetadataTopic>
}

const idBytes = 16

const idOf = (bytes: Buffer): string => bytes.every((byte) => byte === 0) ? "" : bytes.toString("base64url")

export const metadata5: Api<MetadataQuestion, MetadataAnswer> = {
  name: "Metadata",
  key: 3,
  version: 5,
  write: (writer, { topics }) => {
    writer.array(topics, (name) => writer.string(name)).boolean(false)
  },
  read: (reader) => {
    const int32s = (): ReadonlyArray<number> => reader.array(() => reader.int32())
    const throttleMillis = reader.int32()
    const brokers = reader.array(() => {
      const broker = reader.int32()
      const address = { host: reader.string(), port: reader.int32() }
      reader.nullableString()
      return { broker, address }
    })
    reader.nullableString()
    const controller = reader.int32()
    const topics = reader.array(() => {
      const errorCode = reader.int16()
      const name = reader.string()
      reader.boolean()
      const partitions = reader.array(() => {
        const head = { errorCode: reader.int16(), partition: reader.int32(), leader: reader.int32() }
        const partition = { ...head, replicas: int32s(), inSync: int32s() }
        int32s()
        return partition
      })
      return { errorCode, name, id: "", partitions }
    })
    return { throttleMillis, brokers, controller, topics }
  }
}

const partition10 = (reader: Reader): MetadataPartition => {
  const int32s = (): ReadonlyArray<number> => reader.compactArray(() => reader.int32())
  const head = { errorCode: reader.int16(), partition: reader.int32(), leader: reader.int32() }
  // The leader's epoch.
  reader.int32()
  const partition = { ...head, replicas: int32s(), inSync: int32s() }
  // Replicas that are offline.
  int32s()
  reader.taggedFields()
  return partition
}

const topic10 = (reader: Reader): MetadataTopic => {
  const errorCode = reader.int16()
  const name = reader.compactNullableString() ?? ""
  const id = idOf(reader.raw(idBytes))
  // Whether it is the broker's own.
  reader.boolean()
  const partitions = reader.compactArray(() => partition10(reader))
  // What the client may do with it: not asked.
  reader.int32()
  reader.taggedFields()
  return { errorCode, name, id, partitions }
}

export const metadata10: Api<MetadataQuestion, MetadataAnswer> = {
  name: "Metadata",
  key: 3,
  version: 10,
  isFlexible: true,
  write: (writer, { topics }) => {
    writer.unsignedVarint(topics.length + 1)
    for (const name of topics) writer.raw(new Uint8Array(idBytes)).compactString(name).unsignedVarint(0)
    // No creation, and no list of what the client may do.
    writer.boolean(false).boolean(false).boolean(false).unsignedVarint(0)
  },
  read: (reader) => {
    const throttleMillis = reader.int32()
    const brokers = reader.compactArray(() => {
      const broker = reader.int32()
      const address = { host: reader.compactNullableString() ?? "", port: reader.int32() }
      reader.compactNullableString()
      reader.taggedFields()
      return { broker, address }
    })
    reader.compactNullableString()
    const controller = reader.int32()
    return { throttleMillis, brokers, controller, topics: reader.compactArray(() => topic10(reader)) }
  }
}
