/**
 * A cluster in memory that answers like brokers do, in bytes: what topics there are, their settings and bounds, one
 * batch head for each. It does not store records, and has no groups or transactions.
 */
import { type Topic, topics } from "@tailrace/log"
import { Effect } from "effect"
import { topicName } from "../../src/KafkaOptions.ts"
import type { Api } from "../../src/wire/Api.ts"
import type { Cluster, ClusterState, Link, TopicState } from "../../src/wire/Cluster.ts"
import { ErrorCode } from "../../src/wire/ErrorCode.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Unreachable } from "../../src/wire/Unreachable.ts"
import { Writer } from "../../src/wire/Writer.ts"
import { answers } from "./answers.ts"

export interface ModelPartition {
  earliest: number
  stable: number
  next: number
  leader: number
  /** Append time of each record, by offset. */
  times: Array<number>
  /** Base offset and CRC of what stands there. */
  batches: Map<number, number>
}

export interface ModelTopic {
  id: string
  replicas: number
  partitions: Array<ModelPartition>
  settings: Record<string, string>
}

export interface ModelKafka {
  readonly topics: Map<string, ModelTopic>
  brokers: Array<number>
  /** What was asked, in order. */
  readonly calls: Array<string>
  /** What an answer says instead of `NONE` while it is here: by the name of the request, or of request and topic. */
  readonly codes: Map<string, number>
  /** While set, nothing answers. */
  unreachable: Unreachable | undefined
  /** Runs before a call is answered. */
  before: (name: string) => Effect.Effect<void>
  /** Runs between the broker's answer and its arrival. */
  after: Effect.Effect<void>
  /** How many descriptions still lack a topic that is new. */
  lag: number
  readonly forgotten: Array<string>
}

export const partition = (part: Partial<ModelPartition> = {}): ModelPartition => ({
  earliest: 0,
  stable: 0,
  next: 0,
  leader: 1,
  times: [],
  batches: new Map(),
  ...part
})

export const topic = (part: Partial<ModelTopic> & { lanes?: number } = {}): ModelTopic => ({
  id: "id-1",
  replicas: 1,
  partitions: Array.from({ length: part.lanes ?? 2 }, () => partition()),
  settings: {},
  ...part
})

export const makeModelKafka = (part: Partial<ModelKafka> = {}): ModelKafka => ({
  topics: new Map(),
  brokers: [1],
  calls: [],
  codes: new Map(),
  unreachable: undefined,
  before: () => Effect.void,
  after: Effect.void,
  lag: 0,
  forgotten: [],
  ...part
})

export const unreachable = (reason: string, isRefusal = false): Unreachable => new Unreachable({ reason, isRefusal })

const linkOf = (model: ModelKafka, broker: number): Link => ({
  address: `broker-${broker}:9092`,
  call: <Question, Answer>(api: Api<Question, Answer>, question: Question) =>
    Effect.gen(function*() {
      const writer = new Writer()
      api.write(writer, question)
      model.calls.push(api.name)
      yield* model.before(api.name)
      if (model.unreachable !== undefined) return yield* model.unreachable
      const answer = new Writer()
      const answered = answers[api.name]
      if (answered === undefined) return yield* Effect.die(`the model does not know ${api.name}`)
      answered({ model, broker, reader: new Reader(writer.bytes), writer: answer })
      yield* model.after
      return api.read(new Reader(answer.bytes))
    })
})

const stateOf = (model: ModelKafka, name: string): TopicState => {
  const found = model.topics.get(name)
  const code = model.codes.get(`Metadata ${name}`)
  if (found === undefined || code !== undefined) {
    return { errorCode: code ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, id: "", partitions: [] }
  }
  const replicas = Array.from({ length: found.replicas }, (_, index) => index + 1)
  return {
    errorCode: ErrorCode.NONE,
    id: found.id,
    partitions: found.partitions.map(({ leader }, lane) => ({ lane, leader, replicas, inSync: replicas }))
  }
}

const describe = (model: ModelKafka, prefix: string): Effect.Effect<ClusterState, Unreachable> =>
  Effect.suspend(() => {
    model.calls.push("Metadata")
    if (model.unreachable !== undefined) return Effect.fail(model.unreachable)
    const isLagging = model.calls.includes("CreateTopics") && model.lag-- > 0
    const seen = isLagging ? { ...model, topics: new Map<string, ModelTopic>() } : model
    return Effect.succeed({
      brokers: model.brokers.map((broker) => ({ broker, address: `broker-${broker}:9092` })),
      controller: model.brokers[0],
      topics: new Map(topics.map((one): [Topic, TopicState] => [one, stateOf(seen, topicName({ prefix }, one))]))
    })
  })

/** The port that the code under test sees. */
export const clusterOf = (model: ModelKafka, prefix = "tailrace"): Cluster["Service"] => {
  const reach = Effect.suspend(() => model.unreachable === undefined ? Effect.void : Effect.fail(model.unreachable))
  const at = (topic: Topic, lane: number) => model.topics.get(topicName({ prefix }, topic))?.partitions[lane]
  return {
    any: () => Effect.as(reach, linkOf(model, model.brokers[0] ?? 1)),
    leader: ({ lane, topic }) =>
      Effect.suspend(() => {
        const leader = model.unreachable === undefined ? at(topic, lane)?.leader : undefined
        return leader === undefined
          ? Effect.fail(model.unreachable ?? unreachable("no leader"))
          : Effect.succeed(leader)
      }),
    link: (broker) => Effect.succeed(linkOf(model, broker)),
    coordinator: () => Effect.die("the model has no coordinators"),
    forgetLeader: ({ lane, topic }) => Effect.sync(() => void model.forgotten.push(`${topic}/${lane}`)),
    forgetCoordinator: () => Effect.void,
    topicId: (topic) => Effect.sync(() => model.topics.get(topicName({ prefix }, topic))?.id ?? ""),
    describe: describe(model, prefix)
  }
}
