/**
 * What destinations cost that have nothing to do: the real process with a thousand of them, against one with none. An
 * S3 server stands by: those of the configuration log have the making of the others to deliver first.
 */
import { Effect } from "effect"
import path from "node:path"
import { allowFlowLogs, type App, ask, startApp } from "./App.ts"
import { startBucket, stream } from "./Bucket.ts"
import { copyFolder, kept, temporaryFolder } from "./Folders.ts"
import { figuresOf } from "./ProcessFigures.ts"
import { line, megabytes, target, title, whole } from "./Report.ts"

const wantedPercent = 1
const wantedBytes = 100_000_000
/** Longer than an upload period. */
const settleSeconds = 90
const measureSeconds = 60

const createOne = (app: App, n: number) =>
  ask(app, {
    method: "POST",
    path: `/api/v2/tailnet/-/logging/${n % 2 === 0 ? "network" : "configuration"}/destinations`,
    body: { ...stream, name: `idle ${n}`, s3KeyPrefix: `${n}/` }
  })

const create = Effect.fnUntraced(function*(data: string, destinations: number) {
  yield* startBucket(path.join(yield* temporaryFolder, "objects"))
  const app = yield* startApp(data)
  yield* allowFlowLogs(app)
  yield* Effect.forEach(Array.from({ length: destinations }, (_, n) => n), (n) => createOne(app, n), { discard: true })
  yield* Effect.sleep(`${settleSeconds} seconds`)
  yield* app.program.stop
}, Effect.scoped)

/** A folder with so many destinations, half of each log type. */
const withDestinations = (count: number) => kept(`destinations-${count}`, (data) => create(data, count))

const measured = Effect.fnUntraced(function*(destinations: number) {
  const folder = yield* temporaryFolder
  const data = path.join(folder, "data")
  yield* startBucket(path.join(folder, "objects"))
  yield* copyFolder(yield* withDestinations(destinations), data)
  const app = yield* startApp(data)
  yield* Effect.sleep(`${settleSeconds} seconds`)
  const before = yield* figuresOf(app.program.pid)
  yield* Effect.sleep(`${measureSeconds} seconds`)
  const after = yield* figuresOf(app.program.pid)
  yield* app.program.stop
  return {
    percent: (after.cpuSeconds - before.cpuSeconds) / measureSeconds * 100,
    residentBytes: after.residentBytes,
    startSeconds: before.cpuSeconds
  }
}, Effect.scoped)

export const idle = Effect.fn("idle")(function*(destinations: number) {
  yield* title(`Idle: ${whole(destinations)} destinations, half of each log type, over ${measureSeconds} s`)
  const none = yield* measured(0)
  const many = yield* measured(destinations)
  yield* line("CPU of one core with none", `${none.percent.toFixed(2)} %`)
  yield* target({
    name: "CPU of one core",
    value: `${many.percent.toFixed(2)} %`,
    isMet: many.percent < wantedPercent,
    wanted: `under ${wantedPercent} %`
  })
  yield* line("resident with none", megabytes(none.residentBytes), "with that of npm's bootstrap")
  yield* target({
    name: "more resident memory",
    value: megabytes(many.residentBytes - none.residentBytes),
    isMet: many.residentBytes - none.residentBytes < wantedBytes,
    wanted: `under ${megabytes(wantedBytes)}`
  })
})
