import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Layer, Scope } from "effect"
import { Cluster, type Partition } from "../../src/wire/Cluster.ts"
import * as ClusterLive from "../../src/wire/ClusterLive.ts"
import { metadata5 } from "../../src/wire/requests/Metadata.ts"
import type { FakeBroker } from "./FakeBroker.ts"
import { fakeCluster, fakeMember } from "./FakeCluster.ts"

const seedOf = ({ address }: FakeBroker): string => `${address.host}:${address.port}`

const open = (...seeds: ReadonlyArray<string>) =>
  Effect.map(
    Layer.build(ClusterLive.layer({ brokers: seeds, prefix: "t", lanes: 3, patienceMillis: 0 })),
    (context) => Context.get(context, Cluster)
  )

const flow = (lane: number): Partition => ({ topic: "flow", lane })
const group = { kind: "group", id: "t.delivery" } as const

const reasonOf = <A, E extends { readonly reason: string }>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(effect), ({ reason }) => reason)

const taking = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const began = yield* Clock.currentTimeMillis
    yield* effect
    return (yield* Clock.currentTimeMillis) - began
  })

describe("ClusterLive", () => {
  it.live("learns who leads by one question, whoever asks; a lane without a leader is no trouble of the others", () =>
    Effect.gen(function*() {
      const { one, told } = yield* fakeCluster
      const cluster = yield* open(seedOf(one))
      assert.strictEqual(one.taken(), 0)
      const partitions = [flow(0), flow(1), { topic: "audit", lane: 1 } as const, flow(0), flow(1)]
      const leaders = yield* Effect.forEach(partitions, (each) => cluster.leader(each), { concurrency: "unbounded" })
      assert.deepStrictEqual(leaders, [1, 2, 2, 1, 2])
      assert.strictEqual(told.asked.metadata, 1)
      assert.match(yield* reasonOf(cluster.leader(flow(2))), /lane 2 of t.flow has no leader/)
    }))

  it.live("describes the cluster anew each time, topics that are not there included", () =>
    Effect.gen(function*() {
      const { one, told, two } = yield* fakeCluster
      const cluster = yield* open(seedOf(one))
      const { brokers, controller, topics } = yield* cluster.describe
      assert.deepStrictEqual(brokers, [{ broker: 1, address: seedOf(one) }, { broker: 2, address: seedOf(two) }])
      assert.strictEqual(controller, 1)
      assert.strictEqual(topics.size, 7)
      assert.deepStrictEqual(topics.get("ledger"), { errorCode: 3, id: "", partitions: [] })
      const held = { replicas: [1, 2], inSync: [1] }
      assert.deepStrictEqual(topics.get("flow")?.partitions, [
        { lane: 0, leader: 1, ...held },
        { lane: 1, leader: 2, ...held },
        { lane: 2, leader: undefined, ...held }
      ])
      told.topics = []
      assert.deepStrictEqual((yield* cluster.describe).topics.get("flow")?.partitions, [])
      assert.match(yield* reasonOf(cluster.topicId("flow")), /t.flow is not known now: UNKNOWN_TOPIC/)
    }))

  it.live("a leader that is forgotten is learnt anew, later each time it was wrong again", () =>
    Effect.gen(function*() {
      const { one, told } = yield* fakeCluster
      const cluster = yield* open(seedOf(one))
      yield* cluster.leader(flow(0))
      told.topics = [{ name: "t.flow", leaders: [2, 2] }]
      assert.strictEqual(yield* cluster.leader(flow(0)), 1)
      yield* Effect.all([cluster.forgetLeader(flow(0)), cluster.forgetLeader(flow(0))])
      assert.strictEqual(yield* cluster.leader(flow(0)), 2)
      assert.strictEqual(told.asked.metadata, 2)
      const waits = yield* Effect.forEach(
        [1, 2, 3],
        () => taking(Effect.andThen(cluster.forgetLeader(flow(0)), cluster.leader(flow(0))))
      )
      waits.forEach((wait, index) => assert.isAtLeast(wait, 90 * 2 ** index))
      assert.strictEqual(told.asked.metadata, 5)
    }))

  it.live("asks other seeds when one is not there, and says of all what is the matter when none is", () =>
    Effect.gen(function*() {
      const { one } = yield* fakeCluster
      const cluster = yield* open("127.0.0.1:1", seedOf(one))
      assert.strictEqual((yield* cluster.describe).brokers.length, 2)
      const nowhere = yield* open("127.0.0.1:1", "127.0.0.1:2", "no-address")
      const failure = yield* Effect.flip(nowhere.any("ask"))
      assert.match(failure.reason, /127.0.0.1:1 refuses connections.*; 127.0.0.1:2 .*; no-address is no address/)
      assert.isTrue(failure.isRefusal)
    }))

  it.live("keeps a connection for each purpose, because what waits on one must not hold up another", () =>
    Effect.gen(function*() {
      const { one, two } = yield* fakeCluster
      const cluster = yield* open(seedOf(one))
      yield* cluster.describe
      for (const purpose of ["append", "events", "append"] as const) {
        const link = yield* cluster.link(2, purpose)
        yield* link.call(metadata5, { topics: ["t.flow"] })
      }
      assert.strictEqual(two.taken(), 2)
      assert.strictEqual(yield* cluster.link(2, "append"), yield* cluster.link(2, "append"))
    }))

  it.live("a broker that moved is asked at its new place, and one that left is asked no more", () =>
    Effect.gen(function*() {
      const { one, told, two } = yield* fakeCluster
      const cluster = yield* open(seedOf(one))
      yield* cluster.describe
      const link = yield* cluster.link(2, "append")
      const ask = link.call(metadata5, { topics: ["t.flow"] })
      yield* ask
      const moved = yield* fakeMember(told)
      told.brokers = [[1, one], [2, moved]]
      yield* cluster.describe
      yield* ask
      assert.strictEqual(link.address, seedOf(moved))
      assert.isAtLeast(moved.taken(), 1)
      assert.strictEqual(two.sockets.size, 0)
      told.brokers = [[1, one]]
      yield* cluster.describe
      assert.strictEqual(yield* reasonOf(ask), "broker 2 is no longer in the cluster")
      yield* Effect.sleep(50)
      assert.strictEqual(moved.sockets.size, 0)
    }))

  it.live("a coordinator is kept until it is forgotten, and looked for again when there was none", () =>
    Effect.gen(function*() {
      const { one, told, two } = yield* fakeCluster
      const cluster = yield* open(seedOf(one))
      told.coordinator = { errorCode: 15, broker: -1 }
      assert.match(yield* reasonOf(cluster.coordinator(group, "group")), /group t.delivery: COORDINATOR_NOT_AVAILABLE/)
      told.coordinator = { errorCode: 0, broker: 2 }
      const found = yield* Effect.all([cluster.coordinator(group, "group"), cluster.coordinator(group, "group")])
      assert.deepStrictEqual(found.map(({ address }) => address), [seedOf(two), seedOf(two)])
      assert.strictEqual(told.asked.coordinator, 2)
      told.coordinator = { errorCode: 0, broker: 1 }
      yield* cluster.forgetCoordinator(group)
      assert.strictEqual((yield* cluster.coordinator(group, "group")).address, seedOf(one))
      assert.strictEqual(told.asked.coordinator, 3)
    }))

  it.live("a group that we may not have is a refusal", () =>
    Effect.gen(function*() {
      const { one, told } = yield* fakeCluster
      const cluster = yield* open(seedOf(one))
      told.coordinator = { errorCode: 30, broker: -1 }
      const failure = yield* Effect.flip(cluster.coordinator(group, "group"))
      assert.isTrue(failure.isRefusal)
      assert.match(failure.reason, /GROUP_AUTHORIZATION_FAILED/)
    }))

  it.live("finds the cluster again through the seeds when all brokers it knew are gone", () =>
    Effect.gen(function*() {
      const gone = yield* Scope.make()
      const { told } = yield* Scope.provide(fakeCluster, gone)
      const seed = yield* fakeMember(told)
      const cluster = yield* open(seedOf(seed))
      yield* cluster.describe
      yield* Scope.close(gone, Exit.void)
      told.brokers = [[3, seed]]
      assert.deepStrictEqual((yield* cluster.describe).brokers, [{ broker: 3, address: seedOf(seed) }])
    }))
})
