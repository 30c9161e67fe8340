/**
 * HEC → embedded log, durable when it is answered: the real process without destinations, and a load generator beside
 * it.
 */
import { Clock, Effect } from "effect"
import path from "node:path"
import { allowFlowLogs, ingestToken, metric, startApp } from "./App.ts"
import { temporaryFolder } from "./Folders.ts"
import { hecBodies, recordsPerBody } from "./HecBodies.ts"
import { figuresOf } from "./ProcessFigures.ts"
import { ownSource, start } from "./Program.ts"
import { line, memory, seconds, speed, target, times, title, whole } from "./Report.ts"
import { parsing } from "./Yardsticks.ts"

const wantedRecords = 60_000

const taken = Effect.fnUntraced(function*(records: number) {
  const app = yield* startApp(path.join(yield* temporaryFolder, "data"))
  yield* allowFlowLogs(app)
  const token = yield* ingestToken(app)
  const before = yield* figuresOf(app.program.pid)
  const begin = yield* Clock.currentTimeMillis
  const requests = Math.ceil(records / recordsPerBody)
  const load = yield* start({ command: ownSource("Load.ts", app.url, token, `${requests}`) })
  yield* load.seen(/^accepted \d+$/m, 900)
  const wallSeconds = ((yield* Clock.currentTimeMillis) - begin) / 1_000
  const after = yield* figuresOf(app.program.pid)
  const appended = yield* metric(app, "tailrace_ingest_records_total")
  yield* app.program.stop
  return { ...after, cpuSeconds: after.cpuSeconds - before.cpuSeconds, wallSeconds, appended, requests }
}, Effect.scoped)

export const ingest = Effect.fn("ingest")(function*(records: number) {
  yield* title(`Ingest: ${whole(records)} flow records of 600 bytes in bodies of ${whole(recordsPerBody)}, HEC → log`)
  const { appended, cpuSeconds, highestBytes, requests, wallSeconds } = yield* taken(records)
  const yardstick = yield* parsing(hecBodies(20))
  const each = appended / cpuSeconds
  yield* line("CPU, without the start", seconds(cpuSeconds))
  yield* line("wall time", seconds(wallSeconds), "4 connections")
  yield* speed(each, wantedRecords)
  yield* memory(highestBytes)
  yield* line("JSON.parse alone, per CPU-second", whole(yardstick), `ratio ${times(each / yardstick)}`)
  yield* target({
    name: "records in the log",
    value: whole(appended),
    isMet: appended === requests * recordsPerBody,
    wanted: whole(requests * recordsPerBody)
  })
})
