/**
 * The cluster over real connections. Asks nothing when it is built; what it has learnt is at most a minute old, and
 * asked for anew when somebody found it untrue.
 */
import { Clock, Effect, Layer, type Scope } from "effect"
import { type Topic, topics as allTopics } from "@tailrace/log"
import { type KafkaOptions, topicName } from "../KafkaOptions.ts"
import { grantAccess, type Reach } from "../topics/Command.ts"
import { formatAddress } from "./Address.ts"
import { type Brokers, makeBrokers } from "./Brokers.ts"
import { Cluster, type ClusterState, type Coordinated, type Partition, type TopicState } from "./Cluster.ts"
import { ErrorCode, errorName } from "./ErrorCode.ts"
import { type Fresh, makeFresh } from "./Fresh.ts"
import type { BrokerLink } from "./Link.ts"
import { Pace } from "./Pace.ts"
import { findCoordinator } from "./requests/FindCoordinator.ts"
import { metadata10, metadata5, type MetadataAnswer, type MetadataTopic } from "./requests/Metadata.ts"
import { Unreachable } from "./Unreachable.ts"

/** Known facts are asked for again this often, so that none is older than a minute. */
const refreshEvery = "55 seconds"
/** Metadata is never asked for more often, whoever wants it. */
const betweenAskingsMillis = 100

const absent: TopicState = { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, id: "", partitions: [] }

const topicState = ({ errorCode, id, partitions }: MetadataTopic): TopicState => ({
  errorCode,
  id,
  partitions: partitions
    .map(({ inSync, leader, partition, replicas }) => ({
      lane: partition,
      leader: leader < 0 ? undefined : leader,
      replicas,
      inSync
    }))
    .toSorted((one, other) => one.lane - other.lane)
})

/** The cluster's answer in our words. */
export const clusterState = (answer: MetadataAnswer, prefix: string): ClusterState => {
  const named = new Map(answer.topics.map((topic) => [topic.name, topicState(topic)]))
  return {
    brokers: answer.brokers.map(({ address, broker }) => ({ broker, address: formatAddress(address) })),
    controller: answer.controller < 0 ? undefined : answer.controller,
    topics: new Map(allTopics.map((topic) => [topic, named.get(topicName({ prefix }, topic)) ?? absent]))
  }
}

const notNow = (reason: string): Unreachable => new Unreachable({ reason, isRefusal: false })

const closed = (): Unreachable => notNow("the cluster is asked nothing more: this process has closed it")

const refusals: ReadonlySet<number> = new Set([
  ErrorCode.GROUP_AUTHORIZATION_FAILED,
  ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
])

/** What is kept of a fact, and how it comes to be doubted. */
interface Paced<A> {
  readonly fresh: Fresh<A, Unreachable>
  readonly pace: Pace
}

const doubt = <A>({ fresh, pace }: Paced<A>, name: string): Effect.Effect<void> =>
  Effect.map(Clock.currentTimeMillis, (now) => pace.doubt({ name, next: fresh.next(), now }))

/** The fact as far as nobody doubts it under this name; else it is asked for, when its time has come. */
const undoubted = <A>({ fresh, pace }: Paced<A>, name: string): Effect.Effect<A, Unreachable> =>
  Effect.gen(function*() {
    const wait = pace.waitMillis(name, yield* Clock.currentTimeMillis)
    if (wait > 0) yield* Effect.sleep(wait)
    return yield* fresh.atLeast(pace.needs(name))
  })

const askMetadata = (brokers: Brokers, prefix: string): Effect.Effect<ClusterState, Unreachable> => {
  const question = { topics: allTopics.map((topic) => topicName({ prefix }, topic)) }
  const ask = (link: BrokerLink): Effect.Effect<MetadataAnswer, Unreachable> =>
    Effect.flatMap(link.speaks(metadata10), (speaks) => link.call(speaks ? metadata10 : metadata5, question))
  return Effect.map(brokers.first("ask", ask), (answer) => {
    brokers.learnAll(answer.brokers)
    return clusterState(answer, prefix)
  })
}

/** Waits so that askings keep their distance. */
const spaced = <A, E>(ask: Effect.Effect<A, E>): Effect.Effect<A, E> => {
  let last = -Infinity
  return Effect.gen(function*() {
    const wait = last + betweenAskingsMillis - (yield* Clock.currentTimeMillis)
    if (wait > 0) yield* Effect.sleep(wait)
    last = yield* Clock.currentTimeMillis
    return yield* ask
  })
}

const leaderIn = (state: ClusterState, { lane, topic }: Partition): number | undefined =>
  state.topics.get(topic)?.partitions.find((partition) => partition.lane === lane)?.leader

interface Metadata {
  readonly describe: Cluster["Service"]["describe"]
  readonly leader: Cluster["Service"]["leader"]
  readonly forgetLeader: Cluster["Service"]["forgetLeader"]
  readonly topicId: Cluster["Service"]["topicId"]
}

const makeMetadata = Effect.fnUntraced(function*(brokers: Brokers, prefix: string) {
  const fresh = makeFresh(yield* Effect.scope, { ask: spaced(askMetadata(brokers, prefix)), closed })
  const paced: Paced<ClusterState> = { fresh, pace: new Pace() }
  const describe = Effect.suspend(() => fresh.atLeast(fresh.next()))
  const nameOf = ({ lane, topic }: Partition): string => `${topic}/${lane}`
  const refresh = Effect.suspend(() => fresh.kept() === undefined ? Effect.void : Effect.ignore(describe))
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(refreshEvery), refresh)))

  const leader = Effect.fnUntraced(function*(partition: Partition) {
    const found = leaderIn(yield* undoubted(paced, nameOf(partition)), partition)
    if (found !== undefined) return found
    yield* doubt(paced, nameOf(partition))
    return yield* notNow(`lane ${partition.lane} of ${topicName({ prefix }, partition.topic)} has no leader now`)
  })
  const topicId = Effect.fnUntraced(function*(topic: Topic) {
    const { errorCode, id } = (yield* describe).topics.get(topic) ?? absent
    if (errorCode === ErrorCode.NONE) return id
    return yield* notNow(`${topicName({ prefix }, topic)} is not known now: ${errorName(errorCode)}`)
  })
  const metadata: Metadata = { describe, leader, topicId, forgetLeader: (at) => doubt(paced, nameOf(at)) }
  return metadata
})

const askCoordinator = Effect.fnUntraced(function*(brokers: Brokers, reach: Reach, of: Coordinated) {
  const { address, broker, errorCode } = yield* brokers.first("ask", (link) => link.call(findCoordinator, of))
  if (errorCode !== ErrorCode.NONE) {
    const isRefusal = refusals.has(errorCode)
    const cure = isRefusal ? `. Grant it: ${grantAccess(reach, of.kind)}` : ""
    const reason = `no coordinator for the ${of.kind} ${of.id}: ${errorName(errorCode)}${cure}`
    return yield* new Unreachable({ reason, isRefusal })
  }
  brokers.learn({ broker, address })
  return broker
})

const makeCoordinators = Effect.fnUntraced(function*(brokers: Brokers, reach: Reach) {
  const scope = yield* Effect.scope
  const facts = new Map<string, Paced<number>>()
  const nameOf = ({ id, kind }: Coordinated): string => `${kind} ${id}`
  const factOf = (of: Coordinated): Paced<number> => {
    const known = facts.get(nameOf(of))
    if (known !== undefined) return known
    const made = { fresh: makeFresh(scope, { ask: askCoordinator(brokers, reach, of), closed }), pace: new Pace() }
    facts.set(nameOf(of), made)
    return made
  }
  const forget = (of: Coordinated): Effect.Effect<void> => Effect.suspend(() => doubt(factOf(of), nameOf(of)))
  const find = (of: Coordinated): Effect.Effect<number, Unreachable> =>
    Effect.suspend(() => undoubted(factOf(of), nameOf(of))).pipe(Effect.tapError(() => forget(of)))
  return { find, forget }
})

const make = Effect.fnUntraced(
  function*(options: KafkaOptions): Effect.fn.Return<Cluster["Service"], never, Scope.Scope> {
    const brokers = yield* makeBrokers({ seeds: options.brokers, access: options })
    const metadata = yield* makeMetadata(brokers, options.prefix)
    const coordinators = yield* makeCoordinators(brokers, options)
    return Cluster.of({
      ...metadata,
      any: (purpose) => brokers.first(purpose, (link) => Effect.as(link.connect, link)),
      link: (broker, purpose) => brokers.link(broker, purpose),
      coordinator: (of, purpose) => Effect.flatMap(coordinators.find(of), (broker) => brokers.link(broker, purpose)),
      forgetCoordinator: coordinators.forget
    })
  }
)

/** Lives until its scope is closed; then all connections end at once. */
export const layer = (options: KafkaOptions): Layer.Layer<Cluster> => Layer.effect(Cluster, make(options))
