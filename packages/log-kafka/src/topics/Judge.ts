/**
 * Compares the topics that are there with what they must be. Pure: who asks the cluster, and what comes of the verdict,
 * stands in `PrepareTopics.ts`.
 */
import { type Topic, topics } from "@tailrace/log"
import { type KafkaOptions, topicName } from "../KafkaOptions.ts"
import { addPartitions, alterSettings, deleteTopic } from "./Command.ts"
import { type Judged, retentionOf, type Rule, rules, type Severity } from "./Rule.ts"
import { type Settings, settingsOf } from "./TopicSettings.ts"

/** A topic as the cluster has it. */
export interface FoundTopic {
  readonly partitions: number
  /** Of the partition that has the fewest. */
  readonly replicationFactor: number
  readonly settings: Settings
}

/** The topics that are there. */
export type Found = ReadonlyMap<Topic, FoundTopic>

/** What is wrong with a topic, and the command that mends it. */
export interface Finding {
  readonly topic: Topic
  /** Names the topic as the cluster does. */
  readonly problem: string
  readonly cure: string
}

export interface Verdict {
  /** With these, records would be lost or the log would not work. */
  readonly refusals: ReadonlyArray<Finding>
  /** These weaken what the log promises. */
  readonly complaints: ReadonlyArray<Finding>
  /** Of the topics that are there, as really set; absent ones as they will be made. */
  readonly retentionMillis: Readonly<Record<Topic, number>>
}

export type Wanted = Pick<KafkaOptions, "brokers" | "lanes" | "prefix" | "replicationFactor" | "sasl" | "tls">

const describeRule = (name: string, { value, wanted }: Judged, { setting, because }: Rule) =>
  `${name}: ${setting} is ${value}, should be ${wanted} (${because})`

/** One command mends all that is equally wrong with a topic. */
const judgeSettings = (wanted: Wanted, found: Found, severity: Severity): ReadonlyArray<Finding> =>
  [...found].flatMap(([topic, { replicationFactor, settings }]) => {
    const name = topicName(wanted, topic)
    const expected = settingsOf(topic, replicationFactor)
    const wrong = rules.flatMap((rule) => {
      const value = settings[rule.setting]
      const target = expected[rule.setting]
      if (value === undefined || target === undefined) return []
      const judged = { topic, value, wanted: target, replicationFactor }
      const mended = `${rule.setting}=${target}`
      return rule.judge(judged) === severity ? [{ problem: describeRule(name, judged, rule), mended }] : []
    })
    const cure = alterSettings(wanted, name, wrong.map(({ mended }) => mended))
    return wrong.map(({ problem }) => ({ topic, problem, cure }))
  })

const judgeReplication = (wanted: Wanted, topic: Topic, { replicationFactor }: FoundTopic): ReadonlyArray<Finding> =>
  replicationFactor >= (wanted.replicationFactor ?? 1) ? [] : [{
    topic,
    problem: `${topicName(wanted, topic)}: replication factor is ${replicationFactor}, should be ` +
      `${wanted.replicationFactor} (fewer brokers may be lost)`,
    cure: "kafka-reassign-partitions.sh, with a plan that names more replicas for each partition"
  }]

/** Where the lane of a tailnet or a destination must never change: not to be made anew, whatever happens. */
const precious: ReadonlyArray<Topic> = ["control", "secrets", "ledger", "positions"]

/** How many lanes there are: as most of the topics that are there say. Undefined where there are none. */
export const lanesOf = (found: Found): number | undefined => {
  const ordered = [...precious, ...topics].flatMap((topic) => found.get(topic)?.partitions ?? [])
  const votes = (lanes: number) => ordered.filter((partitions) => partitions === lanes).length
  return ordered.reduce<number | undefined>(
    (most, lanes) => most === undefined || votes(lanes) > votes(most) ? lanes : most,
    undefined
  )
}

const cureOfPartitions = (
  wanted: Wanted,
  topic: Topic,
  { lanes, partitions }: { lanes: number; partitions: number }
) => {
  const name = topicName(wanted, topic)
  if (partitions < lanes) return addPartitions(wanted, name, lanes)
  if (precious.includes(topic)) {
    return `Kafka takes no partitions away: restore ${name} from a copy with ${lanes}, or take another prefix`
  }
  return `${deleteTopic(wanted, name)} (with what it holds: deliver that first; the next start makes the topic anew)`
}

/** Topics that have another number of partitions than there are lanes. */
export const judgePartitions = (wanted: Wanted, found: Found, lanes: number | undefined): ReadonlyArray<Finding> =>
  topics.flatMap((topic) => {
    const partitions = found.get(topic)?.partitions
    if (partitions === undefined || lanes === undefined || partitions === lanes) return []
    const problem = `${topicName(wanted, topic)} has ${partitions} partitions, but there are ${lanes} lanes: ` +
      "all topics must have the same number"
    return [{ topic, problem, cure: cureOfPartitions(wanted, topic, { lanes, partitions }) }]
  })

const judgeLanes = (wanted: Wanted, found: Found): ReadonlyArray<Finding> => {
  const lanes = lanesOf(found)
  const [topic] = found.keys()
  if (topic === undefined || lanes === undefined || wanted.lanes === undefined || wanted.lanes === lanes) return []
  return [{
    topic,
    problem: `the topics of ${wanted.prefix} have ${lanes} lanes, the settings ask for ${wanted.lanes}`,
    cure: `lanes are fixed when the topics are made: ask for ${lanes}, or for none, or take another prefix`
  }]
}

/** What is wrong with the settings of the topics that are there. */
export const judgeAllSettings = (wanted: Wanted, found: Found): Pick<Verdict, "refusals" | "complaints"> => ({
  refusals: judgeSettings(wanted, found, "refuse"),
  complaints: [
    ...judgeSettings(wanted, found, "complain"),
    ...[...found].flatMap(([topic, one]) => judgeReplication(wanted, topic, one))
  ]
})

const retentions = (found: Found): Readonly<Record<Topic, number>> => {
  const retention = (topic: Topic) => retentionOf(found.get(topic)?.settings ?? settingsOf(topic, 1))
  return {
    audit: retention("audit"),
    flow: retention("flow"),
    control: retention("control"),
    ledger: retention("ledger"),
    positions: retention("positions"),
    quarantine: retention("quarantine"),
    secrets: retention("secrets")
  }
}

/**
 * @example
 * ```ts
 * const { refusals } = judge(new Map([["flow", { partitions: 6, replicationFactor: 1, settings }]]), options)
 * ```
 */
export const judge = (found: Found, wanted: Wanted): Verdict => {
  const { complaints, refusals } = judgeAllSettings(wanted, found)
  const partitions = judgePartitions(wanted, found, lanesOf(found))
  return {
    refusals: [...judgeLanes(wanted, found), ...partitions, ...refusals],
    complaints,
    retentionMillis: retentions(found)
  }
}
