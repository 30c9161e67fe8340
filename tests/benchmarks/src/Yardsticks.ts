/** What the machine can do at best: the one unavoidable piece of work of a benchmark, alone, on one thread. */
import zstd from "@mongodb-js/zstd"
import { Effect } from "effect"
import { promisify } from "node:util"
import { gzip } from "node:zlib"
import { flowRecords } from "./FlowRecords.ts"

/** As delivery compresses: the same library, level and size of a frame. */
const frameBytes = 1_048_576
const level = 3
const frames = 192

/** Something that works on a number of records. */
export interface Work {
  readonly records: number
  readonly run: Effect.Effect<unknown>
}

/** Records per CPU-second of this process; the load of others does not count. */
export const perCpuSecond = Effect.fnUntraced(function*({ records, run }: Work) {
  const before = process.cpuUsage()
  yield* run
  const { system, user } = process.cpuUsage(before)
  return records / ((user + system) / 1_000_000)
})

const frameOf = (next: () => string): { readonly frame: Buffer; readonly records: number } => {
  const frame = Buffer.allocUnsafe(frameBytes)
  let used = 0
  let records = 0
  for (let line = next(); used + line.length < frameBytes; line = next()) {
    used += frame.write(`${line}\n`, used, "latin1")
    records++
  }
  return { frame: frame.subarray(0, used), records }
}

const compressing = (compress: (frame: Buffer) => Promise<unknown>) =>
  Effect.suspend(() => {
    const next = flowRecords()
    const parts = Array.from({ length: frames }, () => frameOf(next))
    const run = Effect.forEach(parts, ({ frame }) => Effect.promise(() => compress(frame)), { discard: true })
    return perCpuSecond({ records: parts.reduce((sum, { records }) => sum + records, 0), run })
  })

/** `zstd -3` alone. */
export const compression = compressing((frame) => zstd.compress(frame, level))

/** `gzip -1` alone. */
export const gzipping = compressing((frame) => promisify(gzip)(frame, { level: 1 }))

/** `JSON.parse` alone, over the texts of objects that stand one behind the other. */
export const parsing = (bodies: ReadonlyArray<ReadonlyArray<string>>) =>
  perCpuSecond({
    records: bodies.reduce((sum, texts) => sum + texts.length, 0),
    run: Effect.sync(() => {
      for (const texts of bodies) for (const text of texts) JSON.parse(text)
    })
  })
