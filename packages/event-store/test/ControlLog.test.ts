import { assert, describe, it } from "@effect/vitest"
import type { CommandEnvelope } from "@tailrace/domain"
import { laneOf, Log, LogUnavailable, makeMemoryLog } from "@tailrace/log"
import { Effect, Fiber, Layer, Result, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { ControlLog, encodeControlRecord, historyOf } from "../src/index.ts"
import * as Commands from "./Commands.ts"

/** A process of its own over the shared log, for as long as the test. */
const start = (log: Log["Service"]) =>
  Effect.gen(function*() {
    const scope = yield* Scope.Scope
    const context = yield* Layer.buildWithScope(Layer.fresh(ControlLog.layer), scope).pipe(
      Effect.provideService(Log, log)
    )
    return yield* Effect.provide(ControlLog, context)
  })

/** The log over a network: others get their turn before an append arrives. */
const distant = (log: Log["Service"]): Log["Service"] =>
  Log.of({ ...log, append: (...args) => Effect.andThen(Effect.yieldNow, log.append(...args)) })

const lane = laneOf(Commands.tailnet, 2)
const { by, owner, system, tailnet } = Commands

describe("ControlLog", () => {
  it.effect("a command is decided, appended and seen by every process", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const one = yield* start(memory.log)
      const other = yield* start(memory.open())
      const executed = yield* one.execute(by(system, "c1", Commands.createTailnet))
      assert.deepStrictEqual(executed.events.map(({ _tag }) => _tag), [
        "TailnetCreated",
        "MemberAdded",
        "ApiKeyCreated"
      ])
      assert.strictEqual(executed.state.version, 1)
      yield* other.caughtUp
      assert.deepStrictEqual(other.tailnet(tailnet), executed.state)
      assert.deepStrictEqual([...other.tailnets()], [executed.state])
      assert.strictEqual(other.folded(lane), 1)
      const late = yield* start(memory.open())
      assert.deepStrictEqual(late.tailnet(tailnet), executed.state)
    }))

  it.effect("the same command twice has the first result, whatever happened since", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const control = yield* start(memory.log)
      yield* control.execute(by(system, "c1", Commands.createTailnet))
      const first = yield* control.execute(by(owner, "c2", Commands.addMember("bob", "admin")))
      yield* control.execute(by(owner, "c3", { _tag: "RemoveMember", userId: "bob" }))
      const again = yield* (yield* start(memory.open())).execute(by(owner, "c2", Commands.addMember("bob", "admin")))
      assert.deepStrictEqual(again, first)
      assert.isFalse(control.tailnet(tailnet)?.members.has("bob"))
      assert.strictEqual(memory.records("control", lane).length, 3)
    }))

  it.effect("the same command of two processes at once is one of them's, and both say so", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      yield* (yield* start(memory.log)).execute(by(system, "c1", Commands.createTailnet))
      const one = yield* start(distant(memory.open()))
      const other = yield* start(distant(memory.open()))
      const results = yield* Effect.all([
        one.execute(by(owner, "same", Commands.addMember("bob", "admin"))),
        other.execute(by(owner, "same", Commands.addMember("ann", "admin")))
      ], { concurrency: 2 })
      assert.deepStrictEqual(results[0], results[1])
      assert.strictEqual(one.tailnet(tailnet)?.members.size, 2)
    }))

  it.effect("refusals are typed and append nothing", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const control = yield* start(memory.log)
      const unknown = yield* Effect.flip(control.execute(by(owner, "c0", { _tag: "ChangePlan", plan: "personal" })))
      assert.strictEqual(unknown._tag, "NotFound")
      yield* control.execute(by(system, "c1", Commands.createTailnet))
      const forbidden = yield* Effect.flip(
        control.execute(by(Commands.user("mallory"), "c2", Commands.createDestination("a")))
      )
      assert.strictEqual(forbidden._tag, "NotFound")
      assert.strictEqual(memory.records("control", lane).length, 1)
    }))

  it.effect("racing processes: each command is applied once, and time travel equals replay", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const processes = yield* Effect.forEach([1, 2, 3, 4], () => start(distant(memory.open())))
      yield* Effect.forEach(processes, (it) => Effect.result(it.execute(by(system, "c1", Commands.createTailnet))), {
        concurrency: "unbounded"
      })
      const commands = Array.from({ length: 40 }, (_, n) => by(owner, `m${n}`, Commands.addMember(`m${n}`, "member")))
      const results = yield* Effect.forEach(
        commands.flatMap((command, n) => [n, n + 1].map((m) => [processes[m % 4], command] as const)),
        ([process, command]) => process === undefined ? Effect.die("no process") : process.execute(command),
        { concurrency: "unbounded" }
      )
      yield* Effect.forEach(processes, (it) => it.caughtUp)
      const states = processes.map((it) => it.tailnet(tailnet))
      for (const state of states) assert.deepStrictEqual(state, states[0])
      assert.strictEqual(states[0]?.members.size, 41)
      assert.strictEqual(states[0]?.version, 41)
      assert.strictEqual(results.length, 80)
      const past = yield* historyOf(tailnet).pipe(Stream.runCollect, Effect.provideService(Log, memory.log))
      assert.strictEqual(past.length, 41)
      assert.deepStrictEqual(past.at(-1)?.state, states[0])
      for (const result of results) assert.deepStrictEqual(past[result.state.version - 1]?.state, result.state)
      assert.isAbove(memory.records("control", lane).length, 41, "the test never raced")
    }))

  it.effect("somebody who always gets there first: eight decisions, then Conflict", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const other = yield* start(memory.log)
      yield* other.execute(by(system, "c1", Commands.createTailnet))
      let rivals = 0
      const inner = memory.open()
      const log = Log.of({
        ...inner,
        append: (...args) =>
          Effect.andThen(
            other.execute(by(owner, `rival${++rivals}`, Commands.addMember(`r${rivals}`, "member"))).pipe(Effect.orDie),
            inner.append(...args)
          )
      })
      const control = yield* start(log)
      const error = yield* Effect.flip(control.execute(by(owner, "c2", Commands.addMember("bob", "admin"))))
      assert.strictEqual(error._tag, "Conflict")
      assert.strictEqual(rivals, 8)
    }))

  it.effect("an append whose answer is lost: asked again with the same id, it counts once", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const inner = memory.open()
      let lose = false
      const control = yield* start(Log.of({
        ...inner,
        append: (...args) =>
          Effect.flatMap(
            inner.append(...args),
            (answer) => lose ? Effect.fail(new LogUnavailable({ reason: "lost" })) : Effect.succeed(answer)
          )
      }))
      yield* control.execute(by(system, "c1", Commands.createTailnet))
      lose = true
      const command = by(owner, "c2", Commands.addMember("bob", "admin"))
      const error = yield* Effect.flip(control.execute(command))
      assert.strictEqual(error._tag, "LogUnavailable")
      const again = yield* control.execute(command)
      assert.strictEqual(again.state.version, 2)
      assert.isTrue(again.state.members.has("bob"))
    }))

  it.effect("changes are merged for a slow subscriber", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const control = yield* start(memory.log)
      const { take } = yield* control.changes
      yield* control.execute(by(system, "c1", Commands.createTailnet))
      yield* control.execute(by(owner, "c2", Commands.addMember("bob", "admin")))
      assert.deepStrictEqual([...yield* take], [tailnet])
      const waiting = yield* Effect.forkChild(take, { startImmediately: true })
      assert.isUndefined(waiting.pollUnsafe())
      yield* control.execute(by(owner, "c3", Commands.addMember("carol", "admin")))
      assert.deepStrictEqual([...yield* Fiber.join(waiting)], [tailnet])
    }))

  const unknownEvent = (envelope: CommandEnvelope) => {
    const record = {
      ...envelope,
      expectedVersion: 1,
      events: [{ _tag: "TailnetRenamed", name: "other.com" }]
    }
    return { key: tailnet, value: new TextEncoder().encode(JSON.stringify(record)) }
  }

  it.effect("an unknown event type stops the fold with a clear error, never skipped", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const control = yield* start(memory.log)
      yield* control.execute(by(system, "c1", Commands.createTailnet))
      const watched = yield* Effect.forkChild(control.failed, { startImmediately: true })
      yield* memory.log.append("control", lane, [unknownEvent(by(owner, "c2", Commands.createTailnet))])
      const fault = yield* Effect.flip(Fiber.join(watched))
      assert.strictEqual(fault._tag, "UnknownControlRecord")
      assert.include(fault.message, `offset 1 of control/${lane}`)
      for (const use of [control.caughtUp, control.execute(by(owner, "c3", Commands.addMember("bob", "admin")))]) {
        const error = yield* Effect.flip(use)
        assert.strictEqual(error._tag, "LogUnavailable")
        assert.include(error.message, "unknown to this release")
      }
      const restarted = yield* Effect.result(start(memory.open()))
      assert.isTrue(Result.isFailure(restarted) && restarted.failure._tag === "UnknownControlRecord")
    }))

  const foreign = encodeControlRecord({ ...by(owner, "c", Commands.createTailnet), expectedVersion: 0, events: [] })

  it.effect.each([
    { entry: { key: tailnet, value: null }, reason: "it has no value" },
    { entry: { ...foreign, key: "other.com" }, reason: "its key is not its tailnet" }
  ])("a record stops the fold if $reason", ({ entry, reason }) =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      yield* memory.log.append("control", lane, [entry])
      const error = yield* Effect.flip(start(memory.log))
      assert.include(error.message, reason)
    }))

  it.effect("a record on another lane than its tailnet's stops the fold", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      yield* memory.log.append("control", 1 - lane, [foreign])
      const error = yield* Effect.flip(start(memory.log))
      assert.include(error.message, "it is not on its tailnet's lane")
    }))

  it.effect("a log that cannot be read for a while is read on from where it was", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const inner = memory.open()
      let failures = 0
      const flaky: Log["Service"] = Log.of({
        ...inner,
        follow: (topic, lane, from) =>
          inner.follow(topic, lane, from).pipe(
            Stream.mapEffect((chunk) =>
              ++failures % 2 === 0 ? Effect.succeed(chunk) : Effect.fail(new LogUnavailable({ reason: "gone" }))
            )
          )
      })
      const control = yield* start(flaky)
      const running = yield* Effect.forkChild(control.execute(by(system, "c1", Commands.createTailnet)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(running)
      const second = yield* Effect.forkChild(control.execute(by(owner, "c2", Commands.addMember("bob", "admin"))))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(second)).state.version, 2)
      assert.strictEqual(failures, 4)
    }))

  it.effect("a control log that has lost its beginning stops the fold", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      yield* (yield* start(memory.log)).execute(by(system, "c1", Commands.createTailnet))
      memory.expire("control", lane, 1)
      const error = yield* Effect.flip(start(memory.open()))
      assert.strictEqual(error._tag, "RecordsExpired")
    }))

  it.effect("a fold that cannot reach the end says so after ten seconds", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const control = yield* start(memory.log)
      memory.hold("control", lane)
      yield* memory.log.append("control", lane, [{ key: "x", value: null }])
      const waiting = yield* Effect.forkChild(Effect.flip(control.caughtUp), { startImmediately: true })
      yield* TestClock.adjust("10 seconds")
      assert.include((yield* Fiber.join(waiting)).message, `control/${lane} was not read`)
    }))
})
