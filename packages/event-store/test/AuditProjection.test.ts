import { assert, describe, it } from "@effect/vitest"
import { kindOfRecord } from "@tailrace/domain"
import { laneOf, Log, makeMemoryLog, type MemoryLog } from "@tailrace/log"
import { Effect, Layer, Result } from "effect"
import { TestClock } from "effect/testing"
import { ControlLog, encodeControlRecord, makeAuditFold } from "../src/index.ts"
import { addMember, at, by, createDestination, createTailnet, owner, system, tailnet } from "./Commands.ts"

const lane = laneOf(tailnet, 2)
const decoder = new TextDecoder()

const project = (memory: MemoryLog, from = 0): ReadonlyArray<string> => {
  const audit = makeAuditFold(lane)
  return memory.records("control", lane).flatMap((record) => {
    const entries = Result.getOrThrow(audit.apply(record))
    assert.isTrue(entries.every(({ key }) => key === tailnet))
    return record.offset < from ? [] : entries.map(({ value }) => decoder.decode(value))
  })
}

/** Five records in `control`, one of which lost its race. */
const furnished = Effect.gen(function*() {
  const memory = makeMemoryLog({ lanes: 2 })
  yield* TestClock.setTime(at)
  yield* Effect.gen(function*() {
    const control = yield* ControlLog
    yield* control.execute(by(system, "c1", createTailnet))
    yield* control.execute(by(owner, "c2", addMember("bob", "admin")))
    const lost = { ...by(owner, "c3", createTailnet), expectedVersion: 1, events: [] }
    yield* memory.log.append("control", lane, [encodeControlRecord(lost)])
    yield* control.execute(by(owner, "c4", createDestination("a")))
    yield* control.execute(by(owner, "c5", { _tag: "RemoveMember", userId: "bob" }))
  }).pipe(Effect.provide(ControlLog.layer.pipe(Layer.provide(Layer.succeed(Log, memory.log)))))
  return memory
})

describe("AuditProjection", () => {
  it.effect("each control record that counts has its audit records, in order, one that lost has none", () =>
    Effect.gen(function*() {
      const records = project(yield* furnished).map((line): unknown => JSON.parse(line))
      const done = records.map((it) => `${Object(Object(it).target).type} ${Object(it).action}`)
      assert.deepStrictEqual(done, [
        "TAILNET CREATE",
        "USER CREATE",
        "API_KEY CREATE",
        "USER CREATE",
        "TAILNET CREATE",
        "USER DELETE"
      ])
      for (const record of records) assert.strictEqual(kindOfRecord(record), "configuration")
      const nanos = [undefined, 1, 2, 3, 4, 5].map((nano) => nano === undefined ? "" : `00000${nano}`)
      assert.deepStrictEqual(
        records.map((it): unknown => Object(it).logged),
        nanos.map((it) => `2026-07-27T12:10:27.129${it}Z`)
      )
    }))

  it.effect("whoever takes over goes on with the very same bytes", () =>
    Effect.gen(function*() {
      const memory = yield* furnished
      const all = project(memory)
      assert.deepStrictEqual(project(memory), all)
      for (const { offset } of memory.records("control", lane)) {
        const rest = project(memory, offset)
        assert.deepStrictEqual(rest, all.slice(all.length - rest.length))
      }
      assert.isTrue(all.every((line) => line.startsWith("{\"logged\":\"2026-07-27T12:10:27.129")))
    }))

  it.effect("a record that is unknown to this release fails", () =>
    Effect.sync(() => {
      const value = new TextEncoder().encode("{\"events\":[{\"_tag\":\"TailnetRenamed\"}]}")
      const applied = makeAuditFold(lane).apply({ key: tailnet, value, offset: 7, time: at })
      assert.isTrue(Result.isFailure(applied))
      if (Result.isFailure(applied)) assert.deepInclude(applied.failure, { lane, offset: 7 })
    }))
})
