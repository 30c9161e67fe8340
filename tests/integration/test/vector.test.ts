// The way of Tailscale's own page: records through Vector's HEC source into a file, each once.
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { readdir, readFile } from "node:fs/promises"
import path from "node:path"
import { askWell } from "../src/app/Ask.ts"
import { startTailrace, temporaryFolder } from "../src/app/Tailrace.ts"
import { startVector } from "../src/emulators/vector/Vector.ts"
import { eventually } from "../src/eventually.ts"

const token = "8e9d1f5c-6b3a-4f0e-9d8b-2a7c5e1f3b6d"

const flowRecord = (n: number, day: string) =>
  JSON.stringify({
    logged: `${day}T12:10:29.${String(n).padStart(9, "0")}Z`,
    nodeId: `n${n}CNTRL`,
    start: `${day}T12:10:20.123456789Z`,
    end: `${day}T12:10:25.5Z`,
    virtualTraffic: [{ proto: 6, src: "100.64.0.1:1000", dst: "100.64.0.2:443", txPkts: n, txBytes: 3 * n }]
  })

const Line = Schema.fromJsonString(
  Schema.Struct({ nodeId: Schema.String, recorded: Schema.String, timestamp: Schema.String })
)

/** Lines of all files, by file. */
const written = (folder: string) =>
  Effect.promise(async () => {
    const files = await readdir(folder)
    return await Promise.all(
      files.sort().map(async (file) => ({
        file,
        lines: (await readFile(path.join(folder, file), "utf8")).trimEnd().split("\n")
      }))
    )
  })

const api = "/api/v2/tailnet/-"

const setUp = Effect.gen(function*() {
  const folder = yield* temporaryFolder
  const sink = yield* temporaryFolder
  const vector = yield* startVector({ tokens: [token], folder: sink })
  const { program, url } = yield* startTailrace(path.join(folder, "data"), {
    TAILRACE_DEMO: "0",
    TAILRACE_ALLOW_ENDPOINTS: "127.0.0.0/8"
  })
  yield* askWell(url, { method: "PATCH", path: `${api}/settings`, body: `{"networkFlowLoggingOn":true}` })
  const put = (more: object) => {
    const body = JSON.stringify({ destinationType: "splunk", url: vector.url, token, ...more })
    return askWell(url, { method: "PUT", path: `${api}/logging/network/stream`, body })
  }
  const post = (records: ReadonlyArray<string>) =>
    askWell(url, {
      method: "POST",
      path: `${api}/logging/network/records`,
      body: records.join("\n"),
      contentType: "application/x-ndjson"
    })
  const nodes = Effect.map(
    written(sink),
    (files) => files.flatMap(({ lines }) => lines.map((line) => Schema.decodeSync(Line)(line).nodeId)).sort()
  )
  return { vector, program, sink, put, post, nodes, url }
})

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n)
const nodeIds = (count: number) => range(0, count).map((n) => `n${n}CNTRL`).sort()

for (
  const [name, more] of [
    ["as it comes", {}],
    ["with gzip", { compressionFormat: "gzip" }],
    ["as Terraform sets it up, with a user: Basic is refused, then the token is sent as Vector wants it", {
      user: "user"
    }]
  ] as const
) {
  it.live(
    `Vector (emulator with its measured rules), ${name}: each record arrives once`,
    () =>
      Effect.gen(function*() {
        const { nodes, post, put, sink, vector } = yield* setUp
        yield* put(more)
        yield* post(range(0, 40).map((n) => flowRecord(n, "2026-07-27")))
        yield* post(range(40, 50).map((n) => flowRecord(n, "2026-07-28")))
        yield* eventually(nodes, { what: "all records", seconds: 30, holds: (seen) => seen.length >= 50 })
        assert.deepStrictEqual(yield* nodes, nodeIds(50))
        const files = yield* written(sink)
        assert.deepStrictEqual(files.map(({ file, lines }) => [file, lines.length]), [
          ["tailscale-2026-07-27.log", 40],
          ["tailscale-2026-07-28.log", 10]
        ])
        const first = Schema.decodeSync(Line)(files[0]?.lines[0] ?? "")
        // The middle of the flow's interval.
        assert.strictEqual(first.timestamp, "2026-07-27T12:10:22.811Z")
        assert.match(first.recorded, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
        assert.notInclude(vector.answered, 415)
      }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerNodeHttp)),
    60_000
  )
}

it.live(
  "a request that Vector cuts off before it took anything is sent again, and nothing is lost or doubled",
  () =>
    Effect.gen(function*() {
      const { nodes, post, put, vector } = yield* setUp
      yield* put({})
      yield* post([flowRecord(0, "2026-07-27")])
      yield* eventually(nodes, { what: "the first record", seconds: 30, holds: (seen) => seen.length >= 1 })
      vector.cutNext(2)
      yield* post(range(1, 30).map((n) => flowRecord(n, "2026-07-27")))
      yield* eventually(nodes, { what: "all records", seconds: 45, holds: (seen) => seen.length >= 30 })
      assert.deepStrictEqual(yield* nodes, nodeIds(30))
    }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerNodeHttp)),
  90_000
)
