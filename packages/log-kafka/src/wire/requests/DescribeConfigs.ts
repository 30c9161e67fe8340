/**
 * DescribeConfigs, version 1 (brokers 1.1 to 4.x), of topics: every setting as it is in force, wherever it was set.
 *
 * Source: kafka.apache.org/protocol, "DescribeConfigs API (Key: 32)".
 */
import type { Api, Throttled } from "../Api.ts"

export interface DescribeConfigsQuestion {
  readonly topics: ReadonlyArray<string>
  /** Which settings; others are not answered. */
  readonly settings: ReadonlyArray<string>
}

export interface DescribeConfigsAnswer extends Throttled {
  readonly topics: ReadonlyArray<{
    readonly name: string
    readonly code: number
    /** In the broker's words. */
    readonly reason: string | null
    readonly settings: ReadonlyArray<{ readonly name: string; readonly value: string | null }>
  }>
}

const topicType = 2

export const describeConfigs: Api<DescribeConfigsQuestion, DescribeConfigsAnswer> = {
  name: "DescribeConfigs",
  key: 32,
  version: 1,
  write: (writer, { settings, topics }) => {
    writer.array(topics, (name) => {
      writer.int8(topicType).string(name).array(settings, (setting) => void writer.string(setting))
    })
    writer.boolean(false)
  },
  read: (reader) => {
    const readSynonym = () => [reader.string(), reader.nullableString(), reader.int8()]
    const readSetting = () => {
      const setting = { name: reader.string(), value: reader.nullableString() }
      reader.boolean()
      reader.int8()
      reader.boolean()
      reader.array(readSynonym)
      return setting
    }
    return {
      throttleMillis: reader.int32(),
      topics: reader.array(() => {
        const code = reader.int16()
        const reason = reader.nullableString()
        reader.int8()
        return { name: reader.string(), code, reason, settings: reader.array(readSetting) }
      })
    }
  }
}
