import { assert, describe, it } from "@effect/vitest"
import type { RecordRules } from "@tailrace/domain"
import { buildChunk } from "@tailrace/log"
import { Effect } from "effect"
import * as fc from "fast-check"
import { Budget } from "../src/gather/Budget.ts"
import type { Frame } from "../src/gather/Frame.ts"
import { Gather } from "../src/gather/Gather.ts"
import { Pages } from "../src/gather/Pages.ts"
import type { Window } from "../src/gather/Window.ts"
import { defaultLimits } from "../src/Limits.ts"
import { check } from "../src/read/Checked.ts"
import type { VersionRules } from "../src/ruling/RuleBook.ts"
import { tailnet, text } from "./harness.ts"

const decoder = new TextDecoder()

/** What becomes of each value is said in it: kept, filtered, changed, or refused. */
const rule: RecordRules = (value) => {
  const { fate } = JSON.parse(decoder.decode(value))
  if (fate === "filtered") return null
  if (fate === "refused") return "refused by the rules"
  return fate === "changed" ? text("{\"logged\":\"\",\"changed\":true}") : value
}
const rules: VersionRules = { version: 1, rule }
const forbidden: VersionRules = { version: 2, rule: () => assert.fail("these are not the window's rules") }

const makeGather = (options: { readonly frameBytes: number; readonly rules: () => VersionRules | null }) => {
  const cuts: Array<{ readonly window: Window; readonly frame: Frame }> = []
  let filtered = 0
  const gather = new Gather({
    limits: { ...defaultLimits, objectBytes: 300 },
    budget: new Budget(1e9),
    framer: {
      pages: new Pages(options.frameBytes),
      windows: new Set(),
      cut: (window, frame) => void cuts.push({ window, frame }),
      ready: Effect.void
    },
    codec: () => "none",
    rules: options.rules,
    filtered: (count) => void (filtered += count),
    wake: () => {}
  })
  gather.mode = "live"
  const finish = Effect.fnUntraced(function*(window: Window) {
    const digest = window.finish()
    for (const { frame } of cuts.splice(0)) window.framed(frame, (frame.raw ?? new Uint8Array()).slice())
    return { digest, content: decoder.decode(yield* window.body) }
  })
  return { gather, finish, filtered: () => filtered }
}

const chunkOf = (values: ReadonlyArray<string>, from: number) =>
  check(
    buildChunk({
      topic: "flow",
      lane: 0,
      from,
      next: from + values.length,
      records: values.map((value, index) => ({ key: tailnet, value: text(value), offset: from + index, time: 0 }))
    }),
    defaultLimits.recordBytes
  )

const fates = fc.record({
  fates: fc.array(fc.constantFrom("kept", "filtered", "filtered", "changed", "refused"), {
    minLength: 1,
    maxLength: 60
  }),
  chunk: fc.integer({ min: 1, max: 30 }),
  frameBytes: fc.integer({ min: 16, max: 900 })
})

const valueOf = (fate: string, n: number) => JSON.stringify({ logged: "2026-01-01T00:00:00Z", fate, n })

const lineOf = (value: string): string => {
  const ruling = rule(text(value))
  return ruling instanceof Uint8Array ? `${decoder.decode(ruling)}\n` : ""
}

describe("windows under rules", () => {
  it.effect.each(fc.sample(fates, { numRuns: 200, seed: 3 }))(
    "hold what these leave, each record once, and the same when they are read again: %#",
    ({ chunk, fates, frameBytes }) =>
      Effect.gen(function*() {
        const values = fates.map(valueOf)
        const { filtered, finish, gather } = makeGather({ frameBytes, rules: () => rules })
        const sealed: Array<{ readonly window: Window; readonly content: string; readonly digest: string }> = []
        const seal = Effect.fnUntraced(function*(window: Window | null) {
          if (window !== null) sealed.push({ window, ...yield* finish(window) })
        })
        for (let from = 0; from < values.length; from += chunk) {
          const part = chunkOf(values.slice(from, from + chunk), from)
          const { count } = part.chunk
          for (let next = 0; next < count; next = gather.feed(part, next, count)) yield* seal(gather.takeFull())
        }
        yield* seal(gather.takeFull())
        yield* seal(gather.takeWindow(values.length))

        assert.strictEqual(sealed.map(({ content }) => content).join(""), values.map(lineOf).join(""))
        const skipped = sealed.flatMap(({ window }) => window.skipped)
        assert.deepStrictEqual(skipped, fates.flatMap((fate, index) => fate === "refused" ? [index] : []))
        assert.strictEqual(filtered(), fates.filter((fate) => fate === "filtered").length)
        assert.isTrue(sealed.every(({ window }) => window.count + window.skipped.length > 0))

        for (const { content, digest, window } of sealed) {
          const again = makeGather({ frameBytes: 64, rules: () => forbidden })
          again.gather.beginRebuild(window.from, window.to, { codec: "none", skipped: window.skipped, rules })
          again.gather.feed(chunkOf(values, 0), 0, values.length)
          again.gather.passed(values.length)
          const rebuilt = again.gather.takeRebuilt()
          assert.isNotNull(rebuilt)
          assert.deepStrictEqual(yield* again.finish(rebuilt), { digest, content })
        }
      })
  )

  it("that were begun under others keep these", () => {
    let current: VersionRules | null = null
    const { gather } = makeGather({ frameBytes: 64, rules: () => current })
    gather.feed(chunkOf([valueOf("changed", 0)], 0), 0, 1)
    current = rules
    gather.feed(chunkOf([valueOf("filtered", 1)], 1), 0, 1)
    assert.strictEqual(gather.takeWindow(2)?.count, 2)
    gather.feed(chunkOf([valueOf("filtered", 2)], 2), 0, 1)
    assert.isNull(gather.window)
  })
})
