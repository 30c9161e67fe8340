// Starting and stopping the real process: keys, the banner, TLS, and signals that drain.
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { spawnSync } from "node:child_process"
import { readFile } from "node:fs/promises"
import { get } from "node:https"
import path from "node:path"
import { ownerKey, runTailrace, startTailrace, temporaryFolder } from "../src/app/Tailrace.ts"
import { lacks, naming, openssl } from "../src/tool.ts"

const seconds = 40_000
const noDemo = { TAILRACE_DEMO: "0" }

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
      assert.match(mixed.stderr, /^tailrace: TAILRACE_TLS_CERT and TAILRACE_TLS_KEY are no pair of PEM files/)
      assert.strictEqual(mixed.code, 1)
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
