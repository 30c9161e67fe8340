// Starting and stopping the real process: each way it cannot start is one line and exit code 1; signals drain.
import { assert, describe, it } from "@effect/vitest"
import { TailnetName } from "@tailrace/domain"
import { laneOf, Log } from "@tailrace/log"
import { LogSqlite } from "@tailrace/log-sqlite"
import { Effect, Fiber } from "effect"
import { spawnSync } from "node:child_process"
import { readFile, stat, truncate, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import { get } from "node:https"
import path from "node:path"
import type { Ended } from "../src/app/Program.ts"
import { ownerKey, runTailrace, type Settings, startTailrace, temporaryFolder } from "../src/app/Tailrace.ts"
import { lacks, naming, openssl } from "../src/tool.ts"

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

describe("a start", () => {
  it.live("no demo: no destinations, no S3 server, no key printed, and SIGTERM exits 0", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      const { program, url } = yield* startTailrace(folder, noDemo)
      assert.strictEqual((yield* Effect.promise(() => fetch(`${url}/readyz`))).status, 200)
      program.signal("SIGTERM")
      const { code, stderr, stdout } = yield* program.ended
      assert.strictEqual(code, 0, stderr)
      assert.notMatch(stdout, /tskey-api-k|demo-objects/)
      const files = yield* Effect.promise(() => readFile(path.join(folder, "demo.json")).then(() => true, () => false))
      assert.isFalse(files)
    }), seconds)

  it.live("a made key is printed once and works; a lost one is replaced", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      const first = yield* startTailrace(folder, { ...noDemo, TAILRACE_BOOTSTRAP_KEY: "" })
      const [, made = ""] = yield* first.program.seen(/API key +(tskey-api-\S+)/)
      assert.strictEqual(yield* statusWith(first.url, made), 200)
      first.program.signal("SIGINT")
      assert.strictEqual((yield* first.program.ended).code, 0)

      const second = yield* startTailrace(folder, { ...noDemo, TAILRACE_BOOTSTRAP_KEY: `tskey-api-${"n".repeat(30)}` })
      assert.notInclude(second.program.stdout(), made)
      assert.strictEqual(yield* statusWith(second.url, `tskey-api-${"n".repeat(30)}`), 200)
      assert.strictEqual(yield* statusWith(second.url, made), 200)
      assert.strictEqual(yield* statusWith(second.url, `tskey-api-${"o".repeat(30)}`), 401)
    }), seconds)

  it.live("the command line's start is the same server", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      const { program, url } = yield* startTailrace(folder, noDemo, ["apps/cli/src/main.ts", "start"])
      assert.strictEqual((yield* Effect.promise(() => fetch(`${url}/healthz`))).status, 200)
      program.signal("SIGINT")
      assert.strictEqual((yield* program.ended).code, 0)
    }), seconds)

  it.live("a signal lets a request in flight end", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      const { program, url } = yield* startTailrace(folder, noDemo)
      const request = yield* slowRequest(url)
      program.signal("SIGTERM")
      yield* Effect.sleep(700)
      yield* request.end
      assert.strictEqual(yield* request.status, 200)
      assert.strictEqual((yield* program.ended).code, 0)
    }), seconds)

  it.live("a second signal exits at once", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      const { program, url } = yield* startTailrace(folder, noDemo)
      yield* slowRequest(url)
      program.signal("SIGTERM")
      yield* Effect.sleep(400)
      program.signal("SIGTERM")
      assert.strictEqual((yield* program.ended).code, 143)
    }), seconds)

  it.live("the example of the banner works when it is pasted", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      const { program } = yield* startTailrace(folder, { TAILRACE_BOOTSTRAP_KEY: "" })
      const [, command = ""] = yield* program.seen(/Send +(curl [^]*?\/records)\n/)
      const { stdout } = spawnSync("sh", ["-c", command], { encoding: "utf8" })
      assert.strictEqual(stdout, "{\"accepted\":1}")
    }), seconds)

  it.live.skipIf(lacks(openssl))(naming("TLS with a throw-away certificate", openssl), () =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      const pem = { cert: path.join(folder, "cert.pem"), key: path.join(folder, "key.pem") }
      const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
      const flags = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-keyout",
        pem.key,
        "-out",
        pem.cert
      ]
      spawnSync("openssl", [...flags, ...subject])
      const { url } = yield* startTailrace(path.join(folder, "data"), {
        ...noDemo,
        TAILRACE_TLS_CERT: pem.cert,
        TAILRACE_TLS_KEY: pem.key
      })
      assert.match(url, /^https:/)
      const ca = yield* Effect.promise(() => readFile(pem.cert))
      const status = yield* Effect.callback<number | undefined>((resume) => {
        get(`${url}/healthz`, { ca }, (response) => {
          response.resume()
          resume(Effect.succeed(response.statusCode))
        })
      })
      assert.strictEqual(status, 200)
      const mixed = yield* runTailrace(path.join(folder, "other"), {
        ...noDemo,
        TAILRACE_TLS_CERT: pem.cert,
        TAILRACE_TLS_KEY: pem.cert
      })
      oneLine(mixed, /^tailrace: TAILRACE_TLS_CERT and TAILRACE_TLS_KEY are no pair of PEM files/)
    }), seconds)
})

const statusWith = (url: string, given: string) =>
  Effect.promise(async () => {
    const response = await fetch(`${url}/api/v2/tailnet/-/settings`, { headers: { authorization: `Bearer ${given}` } })
    await response.body?.cancel()
    return response.status
  })

/** A body that goes on until it is ended keeps a request in flight, which the drain waits for. */
const slowRequest = Effect.fnUntraced(function*(url: string) {
  let end = () => {}
  const body = new ReadableStream({
    start: (stream) => {
      stream.enqueue(Buffer.from(JSON.stringify({ action: "CREATE", actor: {}, target: {} })))
      end = () => stream.close()
    }
  })
  const sent = fetch(`${url}/api/v2/tailnet/-/logging/configuration/records`, {
    method: "POST",
    body,
    headers: { authorization: `Bearer ${ownerKey}` },
    duplex: "half"
  })
  const status = yield* Effect.forkScoped(Effect.promise(() => sent.then((response) => response.status, () => 0)))
  yield* Effect.sleep(500)
  return { end: Effect.sync(() => end()), status: Fiber.join(status) }
})
