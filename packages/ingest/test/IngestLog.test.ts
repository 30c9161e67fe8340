import { assert, describe, it } from "@effect/vitest"
import { TailnetName } from "@tailrace/domain"
import { type Entry, laneOf, Log, LogFull, LogUnavailable, makeMemoryLog } from "@tailrace/log"
import { Effect, Layer, Metric } from "effect"
import { IngestLimits, IngestLog } from "../src/index.ts"

const tailnet = TailnetName.make("example.com")
const lanes = 3
const entriesOf = (prefix: string, count: number): ReadonlyArray<Entry> =>
  Array.from({ length: count }, (_, index) => ({ key: tailnet, value: Buffer.from(`${prefix}${index}`.padEnd(10)) }))

/** A memory log that counts appends and fails from one on. */
const failing = (from: number, error: LogFull | LogUnavailable) => {
  const memory = makeMemoryLog({ lanes })
  const sizes: Array<number> = []
  const log = Log.of({
    ...memory.log,
    append: (topic, lane, entries) => {
      if (sizes.push(entries.length) > from) return Effect.fail(error)
      return memory.log.append(topic, lane, entries)
    }
  })
  return { memory, sizes, log }
}

const never = new LogFull({ reason: "" })

const smallAppends = Layer.effect(IngestLimits, Effect.map(IngestLimits, (all) => ({ ...all, maxAppendBytes: 35 })))

const append = (log: Log["Service"], audits: number, flows: number) =>
  IngestLog.use((ingest) =>
    ingest.append(tailnet, { configuration: entriesOf("a", audits), network: entriesOf("f", flows) })
  ).pipe(
    Effect.provide(IngestLog.layer.pipe(Layer.provide([Layer.succeed(Log, log), smallAppends])))
  )

const textOf = ({ value }: { readonly value: Uint8Array | null }) => Buffer.from(value ?? []).toString().trim()

describe("IngestLog", () => {
  it.effect("appends in order, in parts of bounded size, to the tailnet's lane", () =>
    Effect.gen(function*() {
      const { log, memory, sizes } = failing(99, never)
      yield* append(log, 2, 7)
      assert.deepStrictEqual(sizes, [2, 3, 3, 1])
      const lane = laneOf(tailnet, lanes)
      assert.deepStrictEqual(memory.records("audit", lane).map(textOf), ["a0", "a1"])
      assert.deepStrictEqual(memory.records("flow", lane).map(textOf), ["f0", "f1", "f2", "f3", "f4", "f5", "f6"])
    }))

  it.effect.each(
    [
      ["full at once", 0, new LogFull({ reason: "disk" }), false],
      ["full after a part", 1, new LogFull({ reason: "disk" }), true],
      ["unavailable, outcome unknown", 0, new LogUnavailable({ reason: "away" }), true]
    ] as const
  )("says whether something may be taken: %s", ([, from, error, maybeTaken]) =>
    Effect.gen(function*() {
      const { log } = failing(from, error)
      const failure = yield* Effect.flip(append(log, 2, 7))
      assert.deepStrictEqual([failure.message, failure.maybeTaken], [error.message, maybeTaken])
    }))

  it.effect("counts what is durable", () =>
    Effect.gen(function*() {
      const countOf = (name: string, attributes: Readonly<Record<string, string>>) =>
        Effect.map(Metric.snapshot, (all) => {
          const found = all.find((metric) =>
            metric.id === name && JSON.stringify(metric.attributes ?? {}) === JSON.stringify(attributes)
          )
          return found?.type === "Counter" ? Number(found.state.count) : 0
        })
      const before = yield* countOf("tailrace_ingest_records_total", { log_type: "network" })
      const bytes = yield* countOf("tailrace_ingest_bytes_total", {})
      yield* append(failing(99, never).log, 0, 7)
      yield* Effect.flip(append(failing(1, never).log, 0, 7))
      assert.strictEqual(yield* countOf("tailrace_ingest_records_total", { log_type: "network" }), before + 10)
      assert.strictEqual(yield* countOf("tailrace_ingest_bytes_total", {}), bytes + 100)
    }))
})
