/**
 * Embedded log → objects of zstd level 3: a backlog lies in the log when the real process starts, and is measured from
 * outside until all of it is delivered. What lies in the bucket then is read back and counted.
 */
import { Clock, Effect } from "effect"
import path from "node:path"
import { metric, startApp } from "./App.ts"
import { backlog } from "./Backlog.ts"
import { startBucket } from "./Bucket.ts"
import { copyFolder, temporaryFolder } from "./Folders.ts"
import { figuresOf } from "./ProcessFigures.ts"
import { line, megabytes, memory, seconds, speed, target, times, title, whole } from "./Report.ts"
import { compression } from "./Yardsticks.ts"

const wantedRecords = 150_000

/** A start on a folder without a backlog, up to the line that says it serves. */
const startUp = Effect.gen(function*() {
  const data = path.join(yield* temporaryFolder, "data")
  yield* copyFolder(yield* backlog(0), data)
  const app = yield* startApp(data)
  return yield* figuresOf(app.program.pid)
}).pipe(Effect.scoped)

const delivered = Effect.fnUntraced(function*(records: number) {
  const folder = yield* temporaryFolder
  const data = path.join(folder, "data")
  yield* copyFolder(yield* backlog(records), data)
  const bucket = yield* startBucket(path.join(folder, "objects"))
  const begin = yield* Clock.currentTimeMillis
  const app = yield* startApp(data)
  yield* metric(app, "tailrace_delivery_records_total").pipe(
    Effect.delay("1 second"),
    Effect.repeat({ until: (count) => count >= records }),
    Effect.timeout("15 minutes")
  )
  const wallSeconds = ((yield* Clock.currentTimeMillis) - begin) / 1_000
  const figures = yield* figuresOf(app.program.pid)
  yield* app.program.stop
  return { ...figures, wallSeconds, server: bucket.server, stored: yield* bucket.count() }
}, Effect.scoped)

export const delivery = Effect.fn("delivery")(function*(records: number) {
  yield* title(`Delivery: ${whole(records)} flow records of 600 bytes, embedded log → zstd level 3 → S3`)
  const idle = yield* startUp
  const { cpuSeconds, highestBytes, server, stored, wallSeconds } = yield* delivered(records)
  const yardstick = yield* compression
  const each = records / cpuSeconds
  yield* line("S3 server (not counted)", server)
  yield* line("CPU, start included", seconds(cpuSeconds), `a start alone ${seconds(idle.cpuSeconds)}`)
  yield* line("wall time, last period included", seconds(wallSeconds))
  yield* speed(each, wantedRecords)
  yield* line("without the start", whole(records / (cpuSeconds - idle.cpuSeconds)))
  yield* memory(highestBytes)
  yield* line("resident right after a start", megabytes(idle.highestBytes))
  yield* line("zstd -3 alone, per CPU-second", whole(yardstick), `ratio ${times(each / yardstick)}`)
  yield* target({
    name: "records read back from the bucket",
    value: whole(stored.records),
    isMet: stored.records === records,
    wanted: `${whole(records)}, in ${stored.objects} objects of ${megabytes(stored.bytes)}`
  })
})
