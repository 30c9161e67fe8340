/**
 * Finds our topics in the cluster, makes those that are absent and refuses those that would lose records. Several
 * processes may do so at once: whoever comes second finds the topics there, and judges them.
 */
import { type Topic, topics } from "@tailrace/log"
import { Effect, Schedule } from "effect"
import { type KafkaOptions, topicName } from "../KafkaOptions.ts"
import { KafkaUnusable } from "../KafkaUnusable.ts"
import type { Cluster, ClusterState, TopicState } from "../wire/Cluster.ts"
import { ErrorCode, errorName } from "../wire/ErrorCode.ts"
import { createTopics } from "../wire/requests/CreateTopics.ts"
import { describeConfigs } from "../wire/requests/DescribeConfigs.ts"
import { Unreachable } from "../wire/Unreachable.ts"
import { type Access, grantAccess } from "./Command.ts"
import { guaranteesOf } from "./Guarantees.ts"
import { type Finding, type Found, type FoundTopic, judge, lanesOf } from "./Judge.ts"
import { settingNames, type Settings, settingsOf } from "./TopicSettings.ts"

/** Our topics, usable. */
export interface Prepared {
  readonly lanes: number
  readonly retentionMillis: Readonly<Record<Topic, number>>
  /** As they are in the cluster. */
  readonly found: Found
  /** What weakens the log, with the command that mends it. */
  readonly complaints: ReadonlyArray<Finding>
  readonly guarantees: ReadonlyArray<string>
}

const defaultLanes = 12
const usualReplicas = 3
const creationMillis = 15_000
/** Brokers learn of new topics one after the other. */
const settling = Schedule.spaced("250 millis").pipe(Schedule.upTo({ duration: "30 seconds" }))

export interface Preparing {
  readonly cluster: Cluster["Service"]
  readonly options: KafkaOptions
}

interface Answered {
  readonly name: string
  readonly code: number
  readonly reason: string | null
}

const unusable = ({ options }: Preparing, reason: string): KafkaUnusable =>
  new KafkaUnusable({ bootstrap: options.brokers[0] ?? "", reason })

const notYet = (reason: string): Unreachable => new Unreachable({ reason, isRefusal: false })

const isDenied = (code: number): boolean =>
  code === ErrorCode.TOPIC_AUTHORIZATION_FAILED || code === ErrorCode.CLUSTER_AUTHORIZATION_FAILED

const denied = (preparing: Preparing, access: Access, name: string): KafkaUnusable =>
  unusable(preparing, `${name}: no permission to ${access} it. Grant it: ${grantAccess(preparing.options, access)}`)

const passing: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_SERVER_ERROR,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.NETWORK_EXCEPTION,
  ErrorCode.NOT_CONTROLLER,
  // Brokers that are still starting count as absent.
  ErrorCode.INVALID_REPLICATION_FACTOR
])

const failureOf = (preparing: Preparing, access: Access, { code, name, reason }: Answered) => {
  if (isDenied(code)) return denied(preparing, access, name)
  const said = `${name}: ${reason ?? errorName(code)}`
  return passing.has(code) ? notYet(said) : unusable(preparing, said)
}

const replicationOf = ({ partitions }: TopicState): number => Math.min(...partitions.map((one) => one.replicas.length))

const settingsFound = Effect.fnUntraced(function*(preparing: Preparing, present: ReadonlyArray<Topic>) {
  const { cluster, options } = preparing
  const link = yield* cluster.any("ask")
  const names = present.map((topic) => topicName(options, topic))
  const { topics } = yield* link.call(describeConfigs, { topics: names, settings: settingNames })
  const failed = topics.find(({ code }) => code !== ErrorCode.NONE)
  if (failed !== undefined) return yield* failureOf(preparing, "describe", failed)
  return new Map(topics.map(({ name, settings }): [string, Settings] => {
    const set = settings.flatMap(({ name, value }) => value === null ? [] : [[name, value]])
    return [name, Object.fromEntries(set)]
  }))
})

const presentTopics = Effect.fnUntraced(function*(preparing: Preparing, state: ClusterState) {
  const present = new Map<Topic, TopicState>()
  for (const [topic, found] of state.topics) {
    const name = topicName(preparing.options, topic)
    const isKnown = found.errorCode === ErrorCode.NONE
    if (isKnown && found.partitions.length > 0) present.set(topic, found)
    else if (isKnown || found.errorCode !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
      const code = isKnown ? ErrorCode.LEADER_NOT_AVAILABLE : found.errorCode
      return yield* failureOf(preparing, "describe", { name, code, reason: null })
    }
  }
  return present
})

/** The topics that are there. */
export const findTopics = Effect.fnUntraced(function*(preparing: Preparing) {
  const state = yield* preparing.cluster.describe
  const present = yield* presentTopics(preparing, state)
  const settings = present.size === 0
    ? new Map<string, Settings>()
    : yield* settingsFound(preparing, [...present.keys()])
  const found: Found = new Map([...present].map(([topic, one]): [Topic, FoundTopic] => [topic, {
    partitions: one.partitions.length,
    replicationFactor: replicationOf(one),
    settings: settings.get(topicName(preparing.options, topic)) ?? {}
  }]))
  return { state, found }
})

const controllerOf = ({ cluster }: Preparing, { controller }: ClusterState) =>
  controller === undefined ? cluster.any("ask") : cluster.link(controller, "ask")

/** Brokers that are named but still starting are counted: two more copies are not to be saved by haste. */
const replicationFor = ({ brokers, replicationFactor }: KafkaOptions, state: ClusterState): number =>
  replicationFactor ?? Math.min(usualReplicas, Math.max(state.brokers.length, new Set(brokers).size))

const create = Effect.fnUntraced(
  function*(preparing: Preparing, { found, state }: { found: Found; state: ClusterState }) {
    const { options } = preparing
    const partitions = lanesOf(found) ?? options.lanes ?? defaultLanes
    const replicationFactor = replicationFor(options, state)
    const absent = topics.filter((topic) => !found.has(topic)).map((topic) => ({
      name: topicName(options, topic),
      partitions,
      replicationFactor,
      configs: settingsOf(topic, replicationFactor)
    }))
    const link = yield* controllerOf(preparing, state)
    const question = { topics: absent, timeoutMillis: creationMillis }
    const answer = yield* link.call(createTopics, question, creationMillis * 2)
    const failed = answer.topics.filter(({ code }) =>
      code !== ErrorCode.NONE && code !== ErrorCode.TOPIC_ALREADY_EXISTS
    )
      .map((one) => failureOf(preparing, "create", one))
    const error = failed.find(({ _tag }) => _tag === "KafkaUnusable") ?? failed[0]
    if (error !== undefined) return yield* error
    const made = absent.length
    yield* Effect.logInfo(`made ${made} topics with ${partitions} lanes on ${replicationFactor} broker(s) each`)
  }
)

/** The line that a person gets to read has an end. */
const maxShown = 6

const listed = (all: ReadonlyArray<string>): string => {
  const shown = [...new Set(all)]
  const rest = shown.length > maxShown ? `; and ${shown.length - maxShown} more` : ""
  return `${shown.slice(0, maxShown).join("; ")}${rest}`
}

const refused = (preparing: Preparing, refusals: ReadonlyArray<Finding>): KafkaUnusable => {
  const problems = listed(refusals.map(({ problem }) => problem))
  return unusable(preparing, `${problems}. Mend it: ${listed(refusals.map(({ cure }) => cure))}`)
}

const findGood = Effect.fnUntraced(function*(preparing: Preparing) {
  const { found, state } = yield* findTopics(preparing)
  const verdict = judge(found, preparing.options)
  if (verdict.refusals.length > 0) return yield* refused(preparing, verdict.refusals)
  return { found, state, verdict }
})

const findAll = Effect.fnUntraced(function*(preparing: Preparing) {
  const all = yield* findGood(preparing)
  if (all.found.size === topics.length) return all
  return yield* notYet("the topics that were made are not known to all brokers yet")
})

const createAndFind = Effect.fnUntraced(function*(preparing: Preparing, first: { found: Found; state: ClusterState }) {
  yield* create(preparing, first)
  return yield* findAll(preparing).pipe(
    Effect.retry({ while: (error) => error._tag === "Unreachable" && !error.isRefusal, schedule: settling })
  )
})

/** Once; who calls it waits for a cluster that does not answer. */
export const prepareTopics = Effect.fnUntraced(function*(preparing: Preparing) {
  const first = yield* findGood(preparing)
  const { found, verdict } = first.found.size < topics.length ? yield* createAndFind(preparing, first) : first
  const { complaints, retentionMillis } = verdict
  const lanes = lanesOf(found) ?? defaultLanes
  const prepared: Prepared = { lanes, found, retentionMillis, complaints, guarantees: guaranteesOf(found) }
  return prepared
})
