/**
 * Compares the topics that are there with what they must be. Pure: who asks the cluster, and what comes of the verdict,
 * stands in `PrepareTopics.ts`.
 */
import { type Topic, topics } from "@tailrace/log"
import { type KafkaOptions, topicName } from "../KafkaOptions.ts"
import { addPartitions, alterSetting, deleteTopic } from "./Command.ts"
import { type Judged, retentionOf, rules, type Severity } from "./Rule.ts"
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

interface Judgement extends Finding {
  readonly severity: Severity
}

const describeRule = (name: string, { value, wanted }: Judged, { setting, because }: (typeof rules)[number]) =>
  `${name}: ${setting} is ${value}, should be ${wanted} (${because})`

const judgeSettings = (wanted: Wanted, topic: Topic, found: FoundTopic): ReadonlyArray<Judgement> => {
  const name = topicName(wanted, topic)
  const expected = settingsOf(topic, found.replicationFactor)
  return rules.flatMap((rule) => {
    const value = found.settings[rule.setting]
    const target = expected[rule.setting]
    if (value === undefined || target === undefined) return []
    const judged = { topic, value, wanted: target, replicationFactor: found.replicationFactor }
    const cure = alterSetting(wanted, name, `${rule.setting}=${target}`)
    return [{ topic, severity: rule.judge(judged), problem: describeRule(name, judged, rule), cure }]
  })
}

const judgeReplication = (wanted: Wanted, topic: Topic, { replicationFactor }: FoundTopic): ReadonlyArray<Finding> =>
  replicationFactor >= (wanted.replicationFactor ?? 1) ? [] : [{
    topic,
    problem: `${topicName(wanted, topic)}: replication factor is ${replicationFactor}, should be ` +
      `${wanted.replicationFactor} (fewer brokers may be lost)`,
    cure: "kafka-reassign-partitions.sh, with a plan that names more replicas for each partition"
  }]

/**
 * How many lanes there are, by the topics that are there: those where the lane of a tailnet or destination must never
 * change come first. Undefined where there are none.
 */
export const lanesOf = (found: Found): number | undefined =>
  (["control", "ledger", "secrets", "positions", "quarantine", "audit", "flow"] as const)
    .flatMap((topic) => found.get(topic)?.partitions ?? [])[0]

const cureOfPartitions = (wanted: Wanted, name: string, { lanes, partitions }: { lanes: number; partitions: number }) =>
  partitions < lanes
    ? addPartitions(wanted, name, lanes)
    : `${deleteTopic(wanted, name)} (with what it holds: deliver that first; the next start makes the topic anew)`

const judgePartitions = (wanted: Wanted, found: Found): ReadonlyArray<Finding> => {
  const lanes = lanesOf(found)
  return topics.flatMap((topic) => {
    const partitions = found.get(topic)?.partitions
    if (partitions === undefined || lanes === undefined || partitions === lanes) return []
    const name = topicName(wanted, topic)
    const problem = `${name} has ${partitions} partitions, other topics ${lanes}: all must have the same number`
    return [{ topic, problem, cure: cureOfPartitions(wanted, name, { lanes, partitions }) }]
  })
}

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

/**
 * @example
 * ```ts
 * const { refusals } = judge(new Map([["flow", { partitions: 6, replicationFactor: 1, settings }]]), options)
 * ```
 */
export const judge = (found: Found, wanted: Wanted): Verdict => {
  const settings = [...found].flatMap(([topic, one]) => judgeSettings(wanted, topic, one))
  const findings = (severity: Severity): ReadonlyArray<Finding> =>
    settings.filter((judgement) => judgement.severity === severity)
  const retention = (topic: Topic) => retentionOf(found.get(topic)?.settings ?? settingsOf(topic, 1))
  return {
    refusals: [...judgeLanes(wanted, found), ...judgePartitions(wanted, found), ...findings("refuse")],
    complaints: [
      ...findings("complain"),
      ...[...found].flatMap(([topic, one]) => judgeReplication(wanted, topic, one))
    ],
    retentionMillis: {
      audit: retention("audit"),
      flow: retention("flow"),
      control: retention("control"),
      ledger: retention("ledger"),
      positions: retention("positions"),
      quarantine: retention("quarantine"),
      secrets: retention("secrets")
    }
  }
}
