import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { ErrorCode } from "../../src/wire/ErrorCode.ts"
import { Group } from "./Group.ts"
import type { Host } from "./Host.ts"

const lanes = 4

const groupOf = Effect.fnUntraced(function*(...names: ReadonlyArray<string>) {
  const group = new Group(lanes)
  for (const name of names) {
    yield* group.start(name)
    yield* group.pass(4_000)
  }
  group.assertSettled()
  yield* group.forgive()
  return group
})

const hostOf = (group: Group, name: string): Host => {
  const host = group.hosts.find((each) => each.name === name)
  if (host === undefined) throw new Error(`no process ${name}`)
  return host
}

const isDone = <A, E>(fiber: Fiber.Fiber<A, E>) => fiber.pollUnsafe()

describe("a membership", () => {
  it.effect("the first element is the present assignment; a rebalance that changes nothing is not told", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a", "b")
      assert.deepStrictEqual(hostOf(group, "a").heard, ["+0,1,2,3-", "+-2,3"])
      assert.deepStrictEqual(hostOf(group, "b").heard, ["+2,3-"])
    }))

  it.effect("a process for which no lane is left hears of that too", () =>
    Effect.gen(function*() {
      const group = new Group(1)
      for (const name of ["a", "b"]) {
        yield* group.start(name)
        yield* group.pass(4_000)
      }
      assert.deepStrictEqual(hostOf(group, "b").heard, ["+-"])
      assert.deepStrictEqual(hostOf(group, "a").heard, ["+0-"])
    }))

  it.effect("three share; when one leaves, the others have its lanes at once and keep their own", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a", "b", "c")
      const c = hostOf(group, "c")
      const before = group.hosts.map(({ heard }) => heard.length)
      yield* Effect.forkChild(c.close)
      yield* group.pass(2_000)
      group.assertSettled()
      assert.include(c.asked, "LeaveGroup ask")
      assert.isAtMost(group.longestOrphanedMillis, 1_700)
      const since = group.well.flatMap(({ heard }, index) => heard.slice(before[index]))
      assert.isFalse(since.some((change) => /-\d/.test(change)), since.join(" "))
    }))

  it.effect("leaving is bounded where nobody answers", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a")
      const host = hostOf(group, "a")
      host.network = "silent"
      const fiber = yield* Effect.forkChild(host.close)
      yield* group.pass(1_100)
      assert.isTrue(isDone(fiber) !== undefined)
    }))

  it.effect("one that is killed is replaced when its session is over", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a", "b")
      yield* hostOf(group, "a").kill
      yield* group.pass(9_000)
      group.assertSettled()
      assert.isAtMost(group.longestOrphanedMillis, 8_000)
    }))

  it.effect("one that is killed and started again at once does not cost the other its lanes", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a", "b")
      yield* hostOf(group, "b").kill
      yield* group.start("c")
      yield* group.pass(14_000)
      group.assertSettled()
      assert.isAtMost(group.longestOrphanedMillis, 8_000)
      assert.deepStrictEqual(hostOf(group, "a").heard, ["+0,1,2,3-", "+-2,3"])
    }))

  it.effect("whoever hears nothing gives its lanes up before others may have them, and gets lanes back", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a", "b")
      const b = hostOf(group, "b")
      for (const network of ["silent", "deaf", "closed"] as const) {
        b.network = network
        yield* group.pass(6_100)
        assert.deepStrictEqual([...b.told], [], network)
        yield* group.pass(10_000)
        assert.strictEqual(hostOf(group, "a").told.size, lanes, network)
        b.network = "well"
        yield* group.pass(6_000)
        group.assertSettled()
      }
    }))

  it.effect("a short silence costs nothing", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a", "b")
      const b = hostOf(group, "b")
      const before = [...b.heard]
      b.network = "silent"
      yield* group.pass(3_000)
      b.network = "well"
      yield* group.pass(10_000)
      assert.deepStrictEqual(b.heard, before)
      group.assertSettled()
    }))

  it.effect("the coordinator moves: lanes stay where they are", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a", "b", "c")
      const before = group.hosts.map(({ heard }) => heard.length)
      group.coordinator.failOver(16_000)
      for (const host of group.hosts) host.moved()
      yield* group.pass(10_000)
      group.assertSettled()
      assert.deepStrictEqual(group.hosts.map(({ heard }) => heard.length), before)
    }))

  it.effect("one that was stopped for long hears that its lanes are lost, and joins again", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a", "b")
      const b = hostOf(group, "b")
      b.stop()
      yield* group.pass(9_000)
      assert.strictEqual(hostOf(group, "a").told.size, lanes)
      b.goOn()
      yield* group.pass(200)
      assert.deepStrictEqual([...b.told], [])
      yield* group.pass(5_000)
      group.assertSettled()
    }))

  it.effect("a refusal that nobody mends by waiting ends the stream, after all lanes are lost", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a")
      const a = hostOf(group, "a")
      a.refusals.set("Heartbeat", ErrorCode.GROUP_AUTHORIZATION_FAILED)
      yield* group.pass(2_000)
      assert.deepStrictEqual(a.heard, ["+0,1,2,3-", "+-0,1,2,3"])
      const failure = a.end === undefined ? undefined : Exit.findErrorOption(a.end)
      assert.include(JSON.stringify(failure), "--operation Read")
      assert.include(JSON.stringify(failure), "tailrace.delivery")
      const claim = yield* Effect.exit(a.mayClaim(0))
      assert.isTrue(Exit.isFailure(claim))
    }))

  it.effect("any other refusal is tried again, and told as a trouble as long as it lasts", () =>
    Effect.gen(function*() {
      const group = new Group(lanes)
      const a = yield* group.start("a")
      a.refusals.set("JoinGroup", ErrorCode.GROUP_MAX_SIZE_REACHED)
      yield* group.pass(30_000)
      const troubles = (yield* a.memberships?.troubles ?? Effect.succeed([])).map(({ message }) => message)
      assert.strictEqual(troubles.length, 1)
      assert.include(troubles[0], "GROUP_MAX_SIZE_REACHED")
      assert.isAtMost(a.asked.length, 100)
      a.refusals.clear()
      yield* group.pass(3_000)
      group.assertSettled()
      assert.deepStrictEqual(yield* a.memberships?.troubles ?? Effect.succeed([]), [])
    }))
})

describe("mayClaim", () => {
  it.effect("asks at once, and one heartbeat answers all who wait", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a")
      const a = hostOf(group, "a")
      const before = a.asked.length
      const fibers = yield* Effect.forEach([0, 1, 2, 3], (lane) => Effect.forkChild(a.mayClaim(lane)))
      yield* group.pass(100)
      assert.isTrue(fibers.every((fiber) => isDone(fiber) !== undefined))
      assert.isAtMost(a.asked.length - before, 2)
    }))

  it.effect("is refused for a lane of another process", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a", "b")
      const fiber = yield* Effect.forkChild(Effect.flip(hostOf(group, "a").mayClaim(3)))
      yield* group.pass(100)
      assert.include((yield* Fiber.join(fiber)).message, "lane 3 is assigned to another process")
    }))

  it.effect("fails after 10 s without an answer", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a", "b")
      const a = hostOf(group, "a")
      a.network = "silent"
      const fiber = yield* Effect.forkChild(Effect.flip(a.mayClaim(0)))
      yield* group.pass(9_900)
      assert.isUndefined(isDone(fiber))
      yield* group.pass(200)
      assert.include((yield* Fiber.join(fiber)).message, "has not confirmed within 10 s")
    }))

  it.effect("waits while lanes are dealt out anew, until the coordinator says whose the lane is then", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a", "b")
      yield* hostOf(group, "b").kill
      yield* group.start("c")
      yield* group.pass(2_500)
      assert.strictEqual(group.coordinator.state, "PreparingRebalance")
      const fibers = yield* Effect.forEach([0, 2], (lane) => Effect.forkChild(hostOf(group, "a").mayClaim(lane)))
      yield* group.pass(1_000)
      assert.isTrue(fibers.every((fiber) => isDone(fiber) === undefined))
      yield* group.pass(5_000)
      const exits = yield* Effect.forEach(fibers, Fiber.await)
      assert.deepStrictEqual(exits.map(({ _tag }) => _tag), ["Success", "Failure"])
    }))

  it.effect("a process that was stopped in between asks anew, and is refused", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a", "b", "c")
      const a = hostOf(group, "a")
      const [lane = -1] = a.told
      const fiber = yield* Effect.forkChild(Effect.exit(a.mayClaim(lane)))
      // The question is on its way, its answer will lie there while the process is stopped.
      a.stop()
      yield* group.pass(13_000)
      a.goOn()
      const since = group.coordinator.confirmations.length
      yield* group.pass(9_000)
      const exit = yield* Fiber.join(fiber)
      if (Exit.isFailure(exit)) return
      const later = group.coordinator.confirmations.slice(since)
      assert.isTrue(later.some(({ lanes: own, memberId }) => a.isMine(memberId) && own.includes(lane)))
    }))

  it.effect("is refused at once from the moment the process begins to leave", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a")
      const a = hostOf(group, "a")
      a.network = "silent"
      const fiber = yield* Effect.forkChild(Effect.flip(a.mayClaim(0)))
      yield* group.pass(100)
      yield* Effect.forkChild(a.close)
      yield* group.pass(100)
      assert.include((yield* Fiber.join(fiber)).message, "is leaving group tailrace.delivery")
      assert.include((yield* Effect.flip(a.mayClaim(0))).message, "is leaving group tailrace.delivery")
    }))

  it.effect("returns at once where this process is in no group", () =>
    Effect.gen(function*() {
      const group = yield* groupOf("a")
      const a = hostOf(group, "a")
      yield* a.kill
      yield* group.pass(100)
      yield* a.mayClaim(0)
    }))
})
