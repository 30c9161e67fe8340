import { assert, describe, it } from "@effect/vitest"
import { buildChunk } from "@tailrace/log"
import { Effect } from "effect"
import * as fc from "fast-check"
import { createHash } from "node:crypto"
import { Budget } from "../src/gather/Budget.ts"
import { Gather } from "../src/gather/Gather.ts"
import { Pages } from "../src/gather/Pages.ts"
import type { Frame } from "../src/gather/Frame.ts"
import type { Window } from "../src/gather/Window.ts"
import { defaultLimits } from "../src/Limits.ts"
import { check } from "../src/read/Checked.ts"
import { text } from "./harness.ts"

interface Cut {
  readonly window: Window
  readonly frame: Frame
}

const makeGather = (frameBytes: number, objectBytes = 1e9) => {
  const budget = new Budget(1e9)
  const cuts: Array<Cut> = []
  const gather = new Gather({
    limits: { ...defaultLimits, objectBytes },
    budget,
    framer: {
      pages: new Pages(frameBytes),
      windows: new Set(),
      cut: (window, frame) => void cuts.push({ window, frame }),
      ready: Effect.void
    },
    codec: () => "none",
    rules: () => null,
    filtered: () => {},
    wake: () => {}
  })
  gather.mode = "live"
  const compress = () => {
    for (const { frame, window } of cuts.splice(0)) window.framed(frame, (frame.raw ?? new Uint8Array()).slice())
  }
  return { gather, budget, compress }
}

const chunkOf = (values: ReadonlyArray<string>, from = 0) =>
  buildChunk({
    topic: "flow",
    lane: 0,
    from,
    next: from + values.length,
    records: values.map((value, index) => ({ key: "example.com", value: text(value), offset: from + index, time: 0 }))
  })

const finish = Effect.fnUntraced(function*(window: Window, compress: () => void) {
  const digest = window.finish()
  compress()
  const body = yield* window.body
  return { digest, content: new TextDecoder().decode(body) }
})

const values = fc.array(
  fc.record({ n: fc.nat(), x: fc.string({ maxLength: 200, unit: "grapheme" }) })
    .map((fields) => JSON.stringify({ logged: "2026-01-01T00:00:00Z", ...fields })),
  { minLength: 1, maxLength: 60 }
)

describe("windows", () => {
  const cuts = fc.record({
    values,
    frameBytes: fc.integer({ min: 16, max: 5000 }),
    chunk: fc.integer({ min: 1, max: 30 })
  })
  it.effect.each(fc.sample(cuts, { numRuns: 100, seed: 1 }))(
    "content is the records and newlines, however frames and chunks are cut: %#",
    ({ chunk, frameBytes, values }) =>
      Effect.gen(function*() {
        const { budget, compress, gather } = makeGather(frameBytes)
        for (let from = 0; from < values.length; from += chunk) {
          const part = chunkOf(values.slice(from, from + chunk), from)
          assert.strictEqual(gather.feed(check(part, defaultLimits.recordBytes), 0, part.count), part.count)
        }
        const window = gather.takeWindow(values.length)
        assert.isNotNull(window)
        const { content, digest } = yield* finish(window, compress)
        const expected = values.map((value) => `${value}\n`).join("")
        assert.strictEqual(content, expected)
        assert.strictEqual(digest, createHash("sha256").update(expected).digest("hex"))
        assert.strictEqual(window.count, values.length)
        yield* window.release
        assert.strictEqual(budget.usedBytes, 0)
      })
  )

  const ranges = fc.record({
    values,
    from: fc.nat(59),
    length: fc.integer({ min: 1, max: 60 }),
    frameBytes: fc.integer({ min: 16, max: 900 })
  })
  it.effect.each(fc.sample(ranges, { numRuns: 100, seed: 2 }))(
    "reading a range again gives the same digest, whatever lies around it: %#",
    ({ frameBytes, from, length, values }) =>
      Effect.gen(function*() {
        const start = Math.min(from, values.length - 1)
        const end = Math.min(values.length, start + length)
        const first = makeGather(4096)
        first.gather.at = start
        const before = chunkOf(values.slice(0, end))
        first.gather.feed(check(before, defaultLimits.recordBytes), 0, before.count)
        const sealed = first.gather.takeWindow(end)
        assert.isNotNull(sealed)
        const original = yield* finish(sealed, first.compress)

        const again = makeGather(frameBytes)
        again.gather.beginRebuild(sealed.from, sealed.to, { codec: "none", skipped: sealed.skipped, rules: null })
        const whole = chunkOf(values)
        again.gather.feed(check(whole, defaultLimits.recordBytes), 0, whole.count)
        again.gather.passed(whole.next)
        const rebuilt = again.gather.takeRebuilt()
        assert.isNotNull(rebuilt)
        assert.deepStrictEqual(yield* finish(rebuilt, again.compress), original)
      })
  )

  it("both windows full: nothing more is taken, and the place of the first refused record is told", () => {
    const { gather } = makeGather(64, 100)
    const line = JSON.stringify({ logged: "2026-01-01T00:00:00Z", x: "x".repeat(100) })
    const taken = [0, 1, 2].map((offset) =>
      gather.feed(check(chunkOf([line], offset), defaultLimits.recordBytes), 0, 1)
    )
    assert.deepStrictEqual(taken, [1, 1, 0])
    assert.isTrue(gather.isStuffed)
    assert.strictEqual(gather.full?.to, 1)
  })
})

describe("check", () => {
  const verdict = (value: string) => {
    const { refused, replaced } = check(chunkOf([value]), 200)
    const replacement = replaced.get(0)
    return refused.get(0) ?? (replacement === undefined ? "as it is" : new TextDecoder().decode(replacement))
  }

  it.each([
    ["{\"logged\":\"2026-01-01T00:00:00Z\",\"a\":1}", "as it is"],
    ["{\"a\":1,\"logged\":\"2026-01-01T00:00:00Z\"}", "as it is"],
    ["{\"a\":1}", "{\"logged\":\"1970-01-01T00:00:00.000Z\",\"a\":1}"],
    ["{}", "{\"logged\":\"1970-01-01T00:00:00.000Z\"}"],
    ["{\"a\":1", "not a JSON object"],
    ["{\"a\":1]}", "not a JSON object"],
    ["[1]", "not a JSON object"],
    ["", "not a JSON object"],
    ["{\"a\":\n1}", "a newline inside"],
    [`{"a":"${"x".repeat(200)}"}`, "over 200 bytes"]
  ])("%s", (value, expected) => {
    assert.strictEqual(verdict(value), expected)
  })
})
