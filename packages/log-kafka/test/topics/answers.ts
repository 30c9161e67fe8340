/** How the brokers of the model answer each request: from its bytes to bytes, by the protocol's own grammar. */
import { ErrorCode } from "../../src/wire/ErrorCode.ts"
import type { Reader } from "../../src/wire/Reader.ts"
import type { Writer } from "../../src/wire/Writer.ts"
import { type ModelKafka, type ModelPartition, partition, topic } from "./ModelKafka.ts"

export interface Asked {
  readonly model: ModelKafka
  readonly broker: number
  readonly reader: Reader
  readonly writer: Writer
}

const codeOf = ({ codes }: ModelKafka, request: string, name: string): number =>
  codes.get(`${request} ${name}`) ?? codes.get(request) ?? ErrorCode.NONE

const createTopics = ({ model, reader, writer }: Asked): void => {
  const asked = reader.array(() => {
    const made = { name: reader.string(), lanes: reader.int32(), replicas: reader.int16() }
    reader.array(() => 0)
    return { ...made, settings: Object.fromEntries(reader.array(() => [reader.string(), reader.string()])) }
  })
  writer.int32(0).array(asked, ({ name, ...made }) => {
    const isThere = model.topics.has(name)
    const refused = codeOf(model, "CreateTopics", name)
    const isPossible = made.replicas <= model.brokers.length
    const possible = isPossible ? refused : ErrorCode.INVALID_REPLICATION_FACTOR
    const code = isThere ? ErrorCode.TOPIC_ALREADY_EXISTS : possible
    if (code === ErrorCode.NONE) model.topics.set(name, topic(made))
    writer.string(name).int16(code).nullableString(code === ErrorCode.NONE ? null : "said the broker")
  })
}

/** What a broker has for a topic for which nothing was set. */
const defaults: Readonly<Record<string, string>> = {
  "cleanup.policy": "delete",
  "retention.ms": "604800000",
  "retention.bytes": "-1",
  "message.timestamp.type": "CreateTime",
  "max.message.bytes": "1048588",
  "min.insync.replicas": "1",
  "unclean.leader.election.enable": "false",
  "segment.ms": "604800000",
  "min.compaction.lag.ms": "0",
  "max.compaction.lag.ms": "9223372036854775807"
}

const describeConfigs = ({ model, reader, writer }: Asked): void => {
  const asked = reader.array(() => {
    reader.int8()
    return { name: reader.string(), settings: reader.array(() => reader.string()) }
  })
  writer.int32(0).array(asked, ({ name, settings }) => {
    const found = model.topics.get(name)
    const refused = codeOf(model, "DescribeConfigs", name)
    const code = found === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : refused
    writer.int16(code).nullableString(null).int8(2).string(name)
    writer.array(code === ErrorCode.NONE ? settings : [], (setting) => {
      writer.string(setting).nullableString(found?.settings[setting] ?? defaults[setting] ?? null)
      writer.boolean(false).int8(5).boolean(false).array([], () => {})
    })
  })
}

const offsetOf = ({ earliest, next, stable, times }: ModelPartition, time: number, isCommitted: boolean): number => {
  if (time === -2) return earliest
  if (time === -1) return isCommitted ? stable : next
  return times.findIndex((one) => one >= time)
}

const listOffsets = ({ broker, model, reader, writer }: Asked): void => {
  reader.int32()
  const isCommitted = reader.int8() === 1
  const asked = reader.array(() => ({
    name: reader.string(),
    partitions: reader.array(() => ({ lane: reader.int32(), time: reader.int64() }))
  }))
  writer.int32(0).array(asked, ({ name, partitions }) => {
    writer.string(name).array(partitions, ({ lane, time }) => {
      const found = model.topics.get(name)?.partitions[lane]
      const isLeader = found?.leader === broker
      const code = isLeader ? codeOf(model, "ListOffsets", name) : ErrorCode.NOT_LEADER_OR_FOLLOWER
      const isFine = found !== undefined && code === ErrorCode.NONE
      writer.int32(lane).int16(code).int64(-1).int64(isFine ? offsetOf(found, time, isCommitted) : -1)
    })
  })
}

/** A batch of nothing: 61 bytes of head. */
const head = (baseOffset: number, crc: number): Buffer => {
  const bytes = Buffer.alloc(61)
  bytes.writeBigInt64BE(BigInt(baseOffset), 0)
  bytes.writeInt32BE(49, 8)
  bytes.writeInt8(2, 16)
  bytes.writeUInt32BE(crc, 17)
  return bytes
}

const firstBatch = ({ batches, stable }: ModelPartition, offset: number): Buffer => {
  const base = [...batches.keys()].filter((one) => one >= offset && one < stable).toSorted((a, b) => a - b)[0]
  return base === undefined ? Buffer.alloc(0) : head(base, batches.get(base) ?? 0)
}

const fetch = ({ model, reader, writer }: Asked): void => {
  reader.raw(4 + 4 + 4 + 4 + 1 + 4 + 4)
  const asked = reader.array(() => ({
    name: reader.string(),
    partitions: reader.array(() => {
      const lane = reader.int32()
      reader.int32()
      const offset = reader.int64()
      reader.raw(8 + 4)
      return { lane, offset }
    })
  }))
  writer.int32(0).int16(0).int32(0).array(asked, ({ name, partitions }) => {
    writer.string(name).array(partitions, ({ lane, offset }) => {
      const found = model.topics.get(name)?.partitions[lane] ?? partition()
      const { earliest, next, stable } = found
      writer.int32(lane).int16(codeOf(model, "Fetch", name)).int64(next).int64(stable).int64(earliest)
      writer.array([], () => {}).int32(-1).byteString(firstBatch(found, offset))
    })
  })
}

export const answers: Readonly<Record<string, (asked: Asked) => void>> = {
  CreateTopics: createTopics,
  DescribeConfigs: describeConfigs,
  ListOffsets: listOffsets,
  Fetch: fetch
}
