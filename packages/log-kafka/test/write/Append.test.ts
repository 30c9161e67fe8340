/** Appends against a model of the broker: what is merged, what is sent again, what is told to whom. */
import { assert, describe, it } from "@effect/vitest"
import type { Entry, Lane, LogError, Offset } from "@tailrace/log"
import { Effect, Exit, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { ErrorCode } from "../../src/wire/ErrorCode.ts"
import { type Appender, makeAppender } from "../../src/write/Appender.ts"
import { fates, inTime } from "./Fates.ts"
import { type Fate, ModelCluster } from "./ModelCluster.ts"

const encoder = new TextEncoder()
const reach = { brokers: ["model:9092"], prefix: "m" }
const entriesOf = (name: string, count: number): ReadonlyArray<Entry> =>
  Array.from({ length: count }, (_, index) => ({ key: "k", value: encoder.encode(`${name}.${index}`) }))
const entryOf = (bytes: number): Entry => ({ key: null, value: new Uint8Array(bytes).fill(0x61) })

const withAppender = <A, E>(cluster: ModelCluster, body: (appender: Appender) => Effect.Effect<A, E, Scope.Scope>) =>
  Effect.scoped(Effect.flatMap(makeAppender(reach), body)).pipe(Effect.provide(cluster.layer), inTime)

const produces = (cluster: ModelCluster) => cluster.calls.filter((call) => call.startsWith("Produce"))

const codes = (...list: ReadonlyArray<number>): ReadonlyArray<Fate> =>
  list.map((code): Fate => ({ kind: "code", code }))

const silence = (calls: number): ReadonlyArray<Fate> =>
  Array.from({ length: calls }, (): Fate => ({ kind: "silent", millis: 1000 }))

/** Only Produce has fates: the producer id is given at once. */
const fated = (list: ReadonlyArray<Fate>): ModelCluster => {
  const cluster = new ModelCluster()
  cluster.isFated = (name) => name === "Produce"
  cluster.fates = list
  return cluster
}

describe("one batch at a time", () => {
  it.effect("what comes while a batch is under way is merged into the next one, in order", () => {
    const cluster = new ModelCluster()
    return withAppender(cluster, (appender) =>
      Effect.gen(function*() {
        yield* appender.append("audit", 0, entriesOf("a", 1))
        cluster.answerMillis = 1000
        const first = yield* Effect.forkChild(appender.append("flow", 0, entriesOf("a", 1)))
        yield* Effect.sleep("500 millis")
        const others = yield* Effect.forEach(["b", "c", "d"], (name) =>
          Effect.forkChild(appender.append("flow", 0, entriesOf(name, 2))))
        const bases = yield* Effect.forEach([first, ...others], (fiber) =>
          Fiber.join(fiber))
        assert.deepStrictEqual(bases.map(({ baseOffset }) => baseOffset), [0, 1, 3, 5])
        assert.deepStrictEqual(cluster.laneOf("flow").texts, ["a.0", "b.0", "b.1", "c.0", "c.1", "d.0", "d.1"])
        assert.strictEqual(produces(cluster).length, 3)
      }))
  })

  it.effect("lanes that are ready together share a request, and none waits for another one's", () => {
    const cluster = fated([{ kind: "silent", millis: 5000 }])
    return withAppender(cluster, (appender) =>
      Effect.gen(function*() {
        const stuck = yield* Effect.forkChild(appender.append("flow", 0, entriesOf("a", 1)))
        yield* Effect.sleep("1 second")
        yield* Effect.forEach([1, 2, 3], (lane) => appender.append("flow", lane, entriesOf("b", 1)), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual(produces(cluster), ["Produce m.flow/1 m.flow/2 m.flow/3"])
        assert.isUndefined(stuck.pollUnsafe())
        assert.deepStrictEqual(yield* Fiber.join(stuck), { baseOffset: 0 })
      }))
  })

  it.effect("a large append goes in several batches, one after the other; whoever leaves stops the rest of it", () => {
    const cluster = new ModelCluster()
    return withAppender(cluster, (appender) =>
      Effect.gen(function*() {
        const large = Array.from({ length: 5 }, () => entryOf(500_000))
        assert.deepStrictEqual(yield* appender.append("flow", 0, large), { baseOffset: 0 })
        assert.strictEqual(produces(cluster).length, 3)
        cluster.answerMillis = 100
        const leaving = yield* Effect.forkChild(appender.append("flow", 0, large))
        yield* Effect.sleep("10 millis")
        const staying = yield* Effect.forkChild(appender.append("flow", 0, entriesOf("z", 1)))
        yield* Effect.sleep("10 millis")
        yield* Fiber.interrupt(leaving)
        assert.deepStrictEqual(yield* Fiber.join(staying), { baseOffset: 7 })
        assert.strictEqual(cluster.laneOf("flow").records.length, 8)
      }))
  })

  it.effect("at most 16 MiB wait; beyond it callers wait until there is room, and then go on", () => {
    const cluster = new ModelCluster()
    cluster.answerMillis = 1000
    return withAppender(cluster, (appender) =>
      Effect.gen(function*() {
        const appended = yield* Effect.forEach(
          Array.from({ length: 40 }),
          () => Effect.forkChild(appender.append("flow", 0, [entryOf(1_000_000)]))
        )
        const other = yield* Effect.forkChild(appender.append("audit", 0, [entryOf(1_000_000)]))
        yield* Effect.sleep("10 seconds")
        assert.strictEqual(cluster.laneOf("audit").records.length, 0, "first come, first served")
        yield* Effect.forEach([...appended, other], (fiber) => Fiber.join(fiber))
        assert.strictEqual(cluster.laneOf("flow").records.length, 40)
      }))
  })

  it.effect("what waits when the log closes fails", () => {
    const cluster = new ModelCluster()
    cluster.answerMillis = 60_000
    return Effect.gen(function*() {
      const scope = yield* Scope.make()
      const appender = yield* makeAppender(reach).pipe(Scope.provide(scope), Effect.provide(cluster.layer))
      const fibers = yield* Effect.forEach(
        ["a", "b"],
        (name) => Effect.forkChild(Effect.flip(appender.append("flow", 0, entriesOf(name, 1))))
      )
      yield* TestClock.adjust("1 second")
      yield* Scope.close(scope, Exit.void)
      const errors = yield* Effect.forEach(fibers, (fiber) => Fiber.join(fiber))
      errors.push(yield* Effect.flip(appender.append("flow", 0, entriesOf("c", 1))))
      assert.deepStrictEqual(errors.map(({ _tag }) => _tag), Array.from({ length: 3 }, () => "LogUnavailable"))
    })
  })
})

describe("errors", () => {
  it.effect("an answer that was lost is asked for again: nothing is doubled", () => {
    const cluster = fated([{ kind: "answerLost" }, { kind: "unsure" }, { kind: "answerLost" }])
    return withAppender(cluster, (appender) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* appender.append("flow", 0, entriesOf("a", 3)), { baseOffset: 0 })
        assert.deepStrictEqual(yield* appender.append("flow", 0, entriesOf("b", 1)), { baseOffset: 3 })
        assert.deepStrictEqual(cluster.laneOf("flow").texts, ["a.0", "a.1", "a.2", "b.0"])
        assert.deepStrictEqual(cluster.forgotten, ["flow", "flow"])
      }))
  })

  it.effect("after 30 s it is given up, with the reason; the lane goes on with another producer id", () => {
    const cluster = fated(silence(40))
    return withAppender(cluster, (appender) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(appender.append("flow", 0, entriesOf("a", 1)))
        assert.strictEqual(error.message, "the log is unavailable: model:9092 lost the question (given up after 30 s)")
        cluster.fates = []
        assert.deepStrictEqual(yield* appender.append("flow", 0, entriesOf("b", 1)), { baseOffset: 0 })
        assert.strictEqual(cluster.calls.filter((call) => call === "InitProducerId").length, 2)
      }))
  })

  it.effect("who has waited for as long behind a batch that is given up does not wait for the next one to be", () => {
    const cluster = fated(silence(1000))
    return withAppender(cluster, (appender) =>
      Effect.gen(function*() {
        const append = Effect.flip(appender.append("flow", 0, [entryOf(1_000_000)]))
        const errors = Effect.all(Array.from({ length: 10 }, () => append), { concurrency: "unbounded" })
        assert.strictEqual((yield* Effect.timeout(errors, "61 seconds")).length, 10)
      }))
  })

  it.effect("a leader that is none any more is forgotten, and the batch sent again", () => {
    const cluster = fated([{ kind: "stale" }, { kind: "stale" }])
    return withAppender(cluster, (appender) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* appender.append("flow", 0, entriesOf("a", 1)), { baseOffset: 0 })
        assert.deepStrictEqual(cluster.forgotten, ["flow", "flow"])
      }))
  })

  it.effect("a broker whose disk fails for all that time is a full log", () => {
    const cluster = fated(codes(...Array.from({ length: 200 }, () => ErrorCode.KAFKA_STORAGE_ERROR)))
    return withAppender(cluster, (appender) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* Effect.flip(appender.append("flow", 0, entriesOf("a", 1))))._tag, "LogFull")
      }))
  })

  it.effect("what patience does not cure is told at once, with the command that does", () => {
    const cluster = fated(codes(
      ErrorCode.MESSAGE_TOO_LARGE,
      ErrorCode.TOPIC_AUTHORIZATION_FAILED,
      ErrorCode.INVALID_TOPIC_EXCEPTION
    ))
    return withAppender(cluster, (appender) =>
      Effect.gen(function*() {
        const told = Effect.map(Effect.flip(appender.append("flow", 0, entriesOf("a", 1))), ({ message }) => message)
        assert.match(yield* told, /kafka-configs.*--entity-name m\.flow --add-config max\.message\.bytes/)
        assert.match(yield* told, /kafka-acls.*--operation Write/)
        assert.match(yield* told, /m\.flow answers INVALID_TOPIC_EXCEPTION/)
        assert.deepStrictEqual(yield* appender.append("flow", 0, entriesOf("b", 1)), { baseOffset: 0 })
      }))
  })

  it.effect("a broker that has forgotten the producer gets the batch from another one", () => {
    const cluster = new ModelCluster()
    return withAppender(cluster, (appender) =>
      Effect.gen(function*() {
        yield* appender.append("flow", 0, entriesOf("a", 2))
        cluster.laneOf("flow").forget()
        assert.deepStrictEqual(yield* appender.append("flow", 0, entriesOf("b", 2)), { baseOffset: 2 })
        assert.deepStrictEqual(yield* appender.append("flow", 0, entriesOf("c", 1)), { baseOffset: 4 })
        assert.deepStrictEqual(cluster.laneOf("flow").texts, ["a.0", "a.1", "b.0", "b.1", "c.0"])
      }))
  })

  it.effect("many lanes that wait for a dead cluster give up together", () => {
    const cluster = new ModelCluster()
    cluster.fates = silence(1000)
    return withAppender(cluster, (appender) =>
      Effect.gen(function*() {
        const lanes = Array.from({ length: 12 }, (_, lane) => lane)
        const append = (lane: Lane) => Effect.flip(appender.append("flow", lane, entriesOf("a", 1)))
        const errors = Effect.forEach(lanes, append, { concurrency: "unbounded" })
        assert.strictEqual((yield* Effect.timeout(errors, "31 seconds")).length, 12)
      }))
  })
})

const step = fc.record({
  lane: fc.integer({ min: 0, max: 1 }),
  count: fc.integer({ min: 1, max: 3 }),
  /** How long until the next append is handed in. */
  millis: fc.constantFrom(0, 0, 3, 40, 900),
  isInterrupted: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0)
})
type Step = Parameters<Parameters<typeof step.map>[0]>[0]

interface Done extends Step {
  readonly name: string
  readonly exit: Exit.Exit<{ readonly baseOffset: Offset }, LogError>
}

const run = (cluster: ModelCluster, steps: ReadonlyArray<Step>) =>
  withAppender(cluster, (appender) =>
    Effect.gen(function*() {
      const fibers = yield* Effect.forEach(steps, (each, index) =>
        Effect.gen(function*() {
          const name = `${index}`
          const fiber = yield* Effect.forkChild(appender.append("flow", each.lane, entriesOf(name, each.count)), {
            startImmediately: true
          })
          yield* Effect.sleep(each.millis)
          if (each.isInterrupted) yield* Fiber.interrupt(fiber)
          return { ...each, name, fiber }
        }))
      return yield* Effect.forEach(fibers, ({ fiber, ...each }) =>
        Effect.map(Fiber.await(fiber), (exit): Done => ({ ...each, exit })))
    }))

const verify = (cluster: ModelCluster, lane: Lane, done: ReadonlyArray<Done>): void => {
  const { records } = cluster.laneOf("flow", lane)
  const texts = records.map(({ text }) => text)
  assert.strictEqual(new Set(texts).size, texts.length, "something is there twice")
  let last = -1
  for (const { count, exit, name } of done) {
    const places = Array.from({ length: count }, (_, index) => texts.indexOf(`${name}.${index}`))
    const first = places[0] ?? -1
    if (first >= 0) assert.deepStrictEqual(places, places.map((_, index) => first + index), "a batch is whole")
    if (!Exit.isSuccess(exit)) continue
    assert.isAbove(first, last, `${name} is lost or was overtaken`)
    assert.strictEqual(records[first]?.offset, exit.value.baseOffset)
    last = first
  }
}

describe("whatever befalls the calls", () => {
  it("nothing that was acknowledged is lost, doubled or overtaken", { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(fates, fc.array(step, { minLength: 1, maxLength: 25 }), async (fates, steps) => {
        const cluster = new ModelCluster()
        cluster.fates = fates
        const done = await Effect.runPromise(run(cluster, steps).pipe(Effect.provide(TestClock.layer())))
        cluster.settle()
        for (const lane of [0, 1]) verify(cluster, lane, done.filter((each) => each.lane === lane))
      }),
      { numRuns: 150 }
    ))
})
