/** A data folder with records that wait: the app makes it, with a stream; then the log is filled while it is down. */
import { laneOf, Log } from "@tailrace/log"
import { LogSqlite } from "@tailrace/log-sqlite"
import { Effect } from "effect"
import path from "node:path"
import { allowFlowLogs, ask, lanes, startApp, tailnet } from "./App.ts"
import { stream } from "./Bucket.ts"
import { flowRecords } from "./FlowRecords.ts"
import { kept } from "./Folders.ts"

const recordsPerAppend = 1_000

const setUp = Effect.fnUntraced(function*(data: string) {
  const app = yield* startApp(data)
  yield* allowFlowLogs(app)
  yield* ask(app, { method: "PUT", path: "/api/v2/tailnet/-/logging/network/stream", body: stream })
  yield* app.program.stop
}, Effect.scoped)

const fill = Effect.fnUntraced(function*(records: number) {
  const log = yield* Log
  const next = flowRecords()
  const encoder = new TextEncoder()
  for (let done = 0; done < records; done += recordsPerAppend) {
    const count = Math.min(recordsPerAppend, records - done)
    const entries = Array.from({ length: count }, () => ({ key: tailnet, value: encoder.encode(next()) }))
    yield* log.append("flow", laneOf(tailnet, lanes), entries)
  }
})

const openLog = (data: string) => LogSqlite.layer({ directory: path.join(data, "log"), lanes })

/** Answers the folder, which is not to be changed: a run works on a copy. 0 records: only the stream. */
export const backlog = (records: number) =>
  kept(`backlog-${records}`, (data) => Effect.andThen(setUp(data), Effect.provide(fill(records), openLog(data))))
