/** Claims and commits against a model of the broker: one writer a lane, all or nothing, errors that tell the truth. */
import { assert, describe, it } from "@effect/vitest"
import { type LaneEntry, type LaneWriter, maxValueBytes, type Topic } from "@tailrace/log"
import { Effect, Fiber, Scope } from "effect"
import { ErrorCode } from "../../src/wire/ErrorCode.ts"
import { type Claimer, makeClaimer } from "../../src/write/Claimer.ts"
import { inTime } from "./Fates.ts"
import { type Fate, ModelCluster } from "./ModelCluster.ts"

const encoder = new TextEncoder()
const reach = { brokers: ["model:9092"], prefix: "m" }
const entry = (topic: Topic, text: string): LaneEntry => ({ topic, key: "k", value: encoder.encode(text) })
const both = (text: string) => [entry("ledger", text), entry("quarantine", text)]

const withClaimer = <A, E>(cluster: ModelCluster, body: (claimer: Claimer) => Effect.Effect<A, E, Scope.Scope>) =>
  Effect.scoped(Effect.flatMap(makeClaimer(reach), body)).pipe(Effect.provide(cluster.layer), inTime)

/** A lane claimed without mishaps; then these fates befall the calls of that name. */
const claimed = <A, E>(
  { fates, name }: { readonly name: string; readonly fates: ReadonlyArray<Fate> },
  body: (writer: LaneWriter, cluster: ModelCluster) => Effect.Effect<A, E, Scope.Scope>
) => {
  const cluster = new ModelCluster()
  return withClaimer(cluster, (claimer) =>
    Effect.gen(function*() {
      const writer = yield* claimer.claim(0)
      cluster.isFated = (each) => each === name
      cluster.fates = fates
      yield* body(writer, cluster)
      cluster.isFated = () => false
      cluster.settle()
      yield* claimer.claim(0)
      assert.deepStrictEqual(cluster.laneOf("ledger").texts, cluster.laneOf("quarantine").texts)
      assert.isFalse(cluster.laneOf("ledger").isOpen || cluster.laneOf("quarantine").isOpen)
    }))
}

const tagOf = (writer: LaneWriter, text: string) =>
  Effect.map(Effect.flip(writer.commit(both(text))), ({ _tag }) => _tag)

const stored = (cluster: ModelCluster): ReadonlyArray<string> => {
  cluster.settle()
  return cluster.laneOf("ledger").texts
}

const repeated = (times: number, fate: Fate): ReadonlyArray<Fate> => Array.from({ length: times }, () => fate)

describe("commits", () => {
  it.effect("answers the offset behind the entries of each topic, and shares requests", () =>
    claimed({ name: "none", fates: [] }, (writer, cluster) =>
      Effect.gen(function*() {
        cluster.calls.length = 0
        const ends = yield* writer.commit([...both("a"), ...both("b")])
        assert.deepStrictEqual([...ends], [["ledger", 2], ["quarantine", 2]])
        const produced = "Produce m.ledger/0 m.quarantine/0"
        assert.deepStrictEqual(cluster.calls, ["AddPartitionsToTxn", produced, "EndTxn"])
        assert.deepStrictEqual([...(yield* writer.commit([]))], [])
        assert.strictEqual(cluster.calls.length, 3)
        assert.deepStrictEqual([...(yield* writer.commit(both("c")))], [["ledger", 4], ["quarantine", 4]])
      })))

  it.effect("waits for the markers of the transaction before", () =>
    claimed({ name: "none", fates: [] }, (writer, cluster) =>
      Effect.gen(function*() {
        cluster.coordinator.markerCalls = 3
        yield* writer.commit(both("a"))
        yield* writer.commit(both("b"))
        assert.deepStrictEqual(stored(cluster), ["a", "b"])
        assert.isAbove(cluster.calls.filter((call) => call === "AddPartitionsToTxn").length, 2)
      })))

  it.effect("large commits take several batches of a topic, one after the other", () =>
    claimed({ name: "Produce", fates: [{ kind: "answerLost" }] }, (writer, cluster) =>
      Effect.gen(function*() {
        const large = (topic: Topic) =>
          Array.from({ length: 3 }, (_, index) => entry(topic, `${index}`.repeat(600_000)))
        const ends = yield* writer.commit([...large("ledger"), ...large("quarantine")])
        assert.deepStrictEqual([...ends], [["ledger", 3], ["quarantine", 3]])
        assert.deepStrictEqual(stored(cluster).map((text) => text[0]), ["0", "1", "2"])
      })))

  it.effect("interrupting whoever waits does not interrupt the commit; commits at the same time take turns", () =>
    claimed({ name: "none", fates: [] }, (writer, cluster) =>
      Effect.gen(function*() {
        cluster.answerMillis = 100
        const fibers = yield* Effect.forEach(["a", "b", "c"], (text) =>
          Effect.forkChild(writer.commit(both(text)), { startImmediately: true }))
        yield* Effect.sleep("50 millis")
        yield* Effect.forEach(fibers, (fiber) =>
          Fiber.interrupt(fiber))
        yield* Effect.sleep("5 seconds")
        assert.deepStrictEqual(stored(cluster), ["a", "b", "c"])
      })))

  it.effect("a record that is too large is refused before anything is sent, and ends the writer", () =>
    claimed({ name: "none", fates: [] }, (writer, cluster) =>
      Effect.gen(function*() {
        const calls = cluster.calls.length
        const large: LaneEntry = { topic: "ledger", key: null, value: new Uint8Array(maxValueBytes + 1) }
        assert.strictEqual((yield* Effect.flip(writer.commit([large])))._tag, "RecordTooLarge")
        assert.strictEqual(yield* tagOf(writer, "no"), "Fenced")
        assert.strictEqual(cluster.calls.length, calls)
      })))

  it.effect("a writer ends with the scope of its claim, which waits for the commit under way", () => {
    const cluster = new ModelCluster()
    return withClaimer(cluster, (claimer) =>
      Effect.gen(function*() {
        cluster.answerMillis = 100
        const scope = yield* Scope.make()
        const writer = yield* claimer.claim(0).pipe(Scope.provide(scope))
        yield* Effect.forkChild(writer.commit(both("a")), { startImmediately: true })
        yield* Scope.close(scope, yield* Effect.exit(Effect.void))
        assert.deepStrictEqual(stored(cluster), ["a"])
        assert.strictEqual(yield* tagOf(writer, "b"), "Fenced")
      }))
  })
})

describe("errors", () => {
  it.effect("lost answers of a commit are asked for again; the writer then ends without having failed", () =>
    claimed({ name: "EndTxn", fates: [{ kind: "answerLost" }] }, (writer, cluster) =>
      Effect.gen(function*() {
        yield* writer.commit(both("a"))
        assert.deepStrictEqual(stored(cluster), ["a"])
        // The first EndTxn may have been delayed only: under the same epoch it could end the next transaction.
        assert.strictEqual(yield* tagOf(writer, "b"), "LogUnavailable")
        assert.strictEqual(yield* tagOf(writer, "c"), "Fenced")
      })))

  it.effect("a question of the commit before that comes late never ends the next transaction half done", () =>
    claimed({ name: "EndTxn", fates: [{ kind: "late", calls: 2 }] }, (writer, cluster) =>
      Effect.gen(function*() {
        yield* writer.commit(both("a"))
        cluster.isFated = (name) => name === "Produce"
        cluster.fates = repeated(100, { kind: "questionLost" })
        yield* tagOf(writer, "b")
        assert.deepStrictEqual(stored(cluster), ["a"])
      })))

  it.effect("a coordinator that moved is looked for, and gets the same question", () =>
    claimed(
      { name: "EndTxn", fates: [{ kind: "unsure" }, { kind: "stale" }] },
      (writer, cluster) =>
        Effect.gen(function*() {
          yield* writer.commit(both("a"))
          yield* writer.commit(both("b"))
          assert.deepStrictEqual(stored(cluster), ["a", "b"])
          assert.deepStrictEqual(cluster.forgotten, ["m.lane.0", "m.lane.0"])
        })
    ))

  it.effect("a commit without an answer is given up after 10 s: unknown, not fenced", () =>
    claimed(
      { name: "EndTxn", fates: repeated(100, { kind: "silent", millis: 1000 }) },
      (writer) =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(writer.commit(both("a")))
          assert.strictEqual(
            error.message,
            "the log is unavailable: model:9092 lost the question (given up after 10 s)"
          )
          assert.strictEqual(yield* tagOf(writer, "b"), "Fenced")
        })
    ))

  it.effect("fenced at the second try of ending is unknown: the first one may have committed", () => {
    const cluster = new ModelCluster()
    return withClaimer(cluster, (claimer) =>
      Effect.gen(function*() {
        const old = yield* claimer.claim(0)
        cluster.isFated = (name) => name === "EndTxn"
        cluster.fates = [{ kind: "answerLost" }, { kind: "silent", millis: 2000 }]
        const fiber = yield* Effect.forkChild(tagOf(old, "a"), { startImmediately: true })
        yield* Effect.sleep("1 second")
        yield* claimer.claim(0)
        assert.strictEqual(yield* Fiber.join(fiber), "LogUnavailable")
        assert.deepStrictEqual(stored(cluster), ["a"])
      }))
  })

  it.effect("what a failed commit left open is aborted at once, unless a batch may still be on its way", () =>
    claimed(
      { name: "Produce", fates: [{ kind: "code", code: ErrorCode.MESSAGE_TOO_LARGE }] },
      (writer, cluster) =>
        Effect.gen(function*() {
          assert.strictEqual(yield* tagOf(writer, "a"), "LogUnavailable")
          yield* Effect.sleep("1 second")
          assert.strictEqual(cluster.calls.at(-1), "EndTxn")
          assert.deepStrictEqual(stored(cluster), [])
        })
    ))

  it.effect("a batch that comes after its commit was given up is never committed", () =>
    claimed(
      { name: "Produce", fates: repeated(100, { kind: "late", calls: 40 }) },
      (writer, cluster) =>
        Effect.gen(function*() {
          assert.strictEqual(yield* tagOf(writer, "a"), "LogUnavailable")
          yield* Effect.sleep("10 seconds")
          assert.isFalse(cluster.calls.includes("EndTxn"))
        })
    ))

  it.effect("what patience does not cure is told at once, with the command that does", () =>
    claimed(
      { name: "AddPartitionsToTxn", fates: [{ kind: "code", code: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED }] },
      (writer) =>
        Effect.gen(function*() {
          const { message } = yield* Effect.flip(writer.commit(both("a")))
          assert.match(message, /kafka-acls.*--transactional-id m\./)
        })
    ))

  it.effect("a claim is patient for 30 s", () => {
    const cluster = new ModelCluster()
    cluster.fates = [{ kind: "stale" }, { kind: "unsure" }, { kind: "answerLost" }]
    return withClaimer(cluster, (claimer) =>
      Effect.gen(function*() {
        yield* (yield* claimer.claim(0)).commit(both("a"))
        cluster.fates = Array.from({ length: 100 }, (): Fate => ({ kind: "silent", millis: 1000 }))
        const error = yield* Effect.flip(claimer.claim(0))
        assert.match(error.message, /lost the question \(given up after 30 s\)/)
      }))
  })
})
