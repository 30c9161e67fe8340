// Each way the real process cannot start is one line and exit code 1.
import { assert, describe, it } from "@effect/vitest"
import { TailnetName } from "@tailrace/domain"
import { laneOf, Log } from "@tailrace/log"
import { LogSqlite } from "@tailrace/log-sqlite"
import { Effect } from "effect"
import { stat, truncate, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import path from "node:path"
import type { Ended } from "../src/app/Program.ts"
import { runTailrace, type Settings, startTailrace, temporaryFolder } from "../src/app/Tailrace.ts"

const seconds = 40_000
const noDemo = { TAILRACE_DEMO: "0" }

const oneLine = (ended: Ended, line: RegExp) => {
  assert.match(ended.stderr, line)
  assert.strictEqual(ended.stderr.trim().split("\n").length, 1, ended.stderr)
  assert.strictEqual(ended.code, 1)
}

const fails = (name: string, line: RegExp, settings: (folder: string) => Settings) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      oneLine(yield* runTailrace(path.join(folder, "data"), { ...noDemo, ...settings(folder) }), line)
    }), seconds)

const startOnce = (data: string, settings: Settings = {}) =>
  startTailrace(data, { ...noDemo, ...settings }).pipe(
    Effect.flatMap(({ program }) => {
      program.signal("SIGTERM")
      return program.ended
    }),
    Effect.scoped
  )

const key = (digit: string) => ({ TAILRACE_MASTER_KEY: digit.repeat(64) })

const takenPort = Effect.acquireRelease(
  Effect.callback<{ readonly port: number; readonly close: () => void }>((resume) => {
    const server = createServer()
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = address === null || typeof address === "string" ? 0 : address.port
      resume(Effect.succeed({ port, close: () => server.close() }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

const appendUnknownEvent = (data: string) =>
  Effect.gen(function*() {
    const log = yield* Log
    const tailnet = TailnetName.make("example.com")
    const lane = laneOf(tailnet, log.lanes)
    const record = {
      tailnet,
      expectedVersion: 1,
      commandId: "from-the-future",
      eventGroupID: "0".repeat(32),
      origin: "CONTROL",
      actor: { id: "", type: "AUTOMATED_WORKER", loginName: "", displayName: "" },
      at: 1,
      events: [{ _tag: "TailnetTeleported" }]
    }
    yield* log.append("control", lane, [{ key: tailnet, value: Buffer.from(JSON.stringify(record)) }])
  }).pipe(Effect.provide(LogSqlite.layer({ directory: path.join(data, "log"), lanes: 2 })))

describe("a start that cannot be", () => {
  fails("broken setting", /^tailrace: TAILRACE_LANES cannot be "many"; right is a whole number/, () => ({
    TAILRACE_LANES: "many"
  }))
  fails("broken secret", /^tailrace: TAILRACE_MASTER_KEY cannot be what is set \(not shown here\)/, () => ({
    TAILRACE_MASTER_KEY: "hunter2"
  }))
  fails(
    "no such address",
    /^tailrace: cannot listen on 192\.0\.2\.1:1: this machine does not have that address/,
    () => ({
      TAILRACE_LISTEN: "192.0.2.1:1"
    })
  )
  fails("certificate missing", /^tailrace: TAILRACE_TLS_CERT: cannot read .*nowhere\.pem/, (folder) => ({
    TAILRACE_TLS_CERT: path.join(folder, "nowhere.pem"),
    TAILRACE_TLS_KEY: path.join(folder, "nowhere.pem")
  }))

  it.live("port taken", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      const { port } = yield* takenPort
      const ended = yield* runTailrace(folder, { ...noDemo, TAILRACE_LISTEN: `127.0.0.1:${port}` })
      oneLine(ended, new RegExp(`^tailrace: cannot listen on 127.0.0.1:${port}: the address is taken`))
    }), seconds)

  it.live("data folder is a file, or lies below one", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      const file = path.join(folder, "file")
      yield* Effect.promise(() => writeFile(file, ""))
      for (const data of [file, path.join(file, "data")]) {
        oneLine(yield* runTailrace(data, noDemo), /^tailrace: TAILRACE_DATA: cannot write to the folder /)
      }
    }), seconds)

  it.live("data in use by a second process", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      yield* startTailrace(folder, noDemo)
      oneLine(yield* runTailrace(folder, noDemo), /^tailrace: the data in .* is in use by another process/)
    }), seconds)

  it.live("corrupt database", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      yield* startOnce(folder)
      const file = path.join(folder, "log", "log.sqlite")
      yield* Effect.promise(async () => writeFile(file, Buffer.alloc((await stat(file)).size, "not a database ")))
      oneLine(yield* runTailrace(folder, noDemo), /^tailrace: the data in .* cannot be used: /)
    }), seconds)

  it.live("cut-off database", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      yield* startOnce(folder)
      yield* Effect.promise(() => truncate(path.join(folder, "log", "log.sqlite"), 5_000))
      oneLine(yield* runTailrace(folder, noDemo), /^tailrace: the data in .* cannot be used: /)
    }), seconds)

  it.live("other number of lanes", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      yield* startOnce(folder)
      oneLine(yield* runTailrace(folder, { ...noDemo, TAILRACE_LANES: "3" }), /^tailrace: the data in .*lanes/)
    }), seconds)

  it.live("wrong master key", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      yield* startOnce(folder, key("a"))
      const ended = yield* runTailrace(folder, { ...noDemo, ...key("b") })
      oneLine(ended, /^tailrace: .*master key/)
      assert.notInclude(ended.stderr, "bbbb")
    }), seconds)

  it.live("unknown event in control", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      yield* startOnce(folder)
      yield* appendUnknownEvent(folder)
      oneLine(yield* runTailrace(folder, noDemo), /^tailrace: .*control/)
    }), seconds)
})
