// What a destination of type s3 sends to Cloud Storage's XML API with HMAC keys, seen by a server of that name.
// https://cloud.google.com/storage/docs/aws-simple-migration
import { assert, describe, it } from "@effect/vitest"
import type { S3Config } from "@tailrace/domain"
import { Effect, Layer, Redacted } from "effect"
import { createHash } from "node:crypto"
import { createServer, type IncomingMessage } from "node:http"
import { Guard, loopback, ObjectStores, ObjectStoresLive } from "../src/index.ts"

interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

/** As Cloud Storage: a condition on ETags is one of reading, and passed over when writing. */
const xmlApi = Effect.gen(function*() {
  const seen: Array<Seen> = []
  const server = createServer((request, response) => {
    let body = ""
    request.on("data", (chunk) => body += String(chunk))
    request.once("end", () => {
      seen.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers, body })
      response.writeHead(200, { "x-amz-meta-seal": "canary" }).end()
    })
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => server.close())
  )
  const address = server.address()
  return { seen, port: address === null || typeof address === "string" ? 0 : address.port }
})

const config = (url: string): S3Config => ({
  _tag: "s3",
  url,
  bucket: "tailnet-logs",
  region: "auto",
  keyPrefix: "",
  accessKeyId: "GOOG1EXAMPLE",
  addressing: "auto"
})

const stores = ObjectStoresLive.pipe(
  Layer.provide(Guard.layer(loopback, (_, answer) => answer(null, [{ address: "127.0.0.1", family: 4 }])))
)

const canary = {
  key: ".tailrace-canary-d1",
  body: new TextEncoder().encode("{}\n"),
  contentType: "application/x-ndjson",
  metadata: { seal: "canary" },
  onlyIfAbsent: true
}

const expectInterop = ({ body, headers, method, path }: Seen, host: string) => {
  const authorization = headers.authorization ?? ""
  assert.deepStrictEqual([method, path.split("?")[0]], ["PUT", "/tailnet-logs/.tailrace-canary-d1"])
  assert.strictEqual(body, "{}\n")
  assert.deepInclude(headers, {
    host,
    "content-type": "application/x-ndjson",
    "content-length": "3",
    "if-none-match": "*",
    "x-amz-meta-seal": "canary",
    "x-amz-content-sha256": createHash("sha256").update(canary.body).digest("hex")
  })
  assert.match(authorization, /^AWS4-HMAC-SHA256 Credential=GOOG1EXAMPLE\/\d{8}\/auto\/s3\/aws4_request,/)
  // Cloud Storage changes this one on its way in; signed, it breaks the signature.
  assert.notMatch(authorization, /SignedHeaders=[^,]*accept-encoding/)
  for (const name of ["x-amz-trailer", "transfer-encoding", "content-encoding", "x-amz-sdk-checksum-algorithm"]) {
    assert.isUndefined(headers[name])
  }
  assert.deepStrictEqual(Object.keys(headers).filter((name) => name.startsWith("x-goog-")), [])
}

describe("S3 interoperability of Cloud Storage", () => {
  it.live("path style, region auto, a type, a hash of the whole body; no trailer, chunks or x-goog- headers", () =>
    Effect.gen(function*() {
      const { port, seen } = yield* xmlApi
      const host = `storage.googleapis.com:${port}`
      const store = yield* (yield* ObjectStores).open(config(`http://${host}`), Redacted.make("secret"))
      assert.deepStrictEqual(yield* store.put(canary), { _tag: "Delivered" })
      assert.strictEqual(seen.length, 1)
      for (const request of seen) expectInterop(request, host)
    }).pipe(Effect.provide(stores)))

  it.live("the condition is passed over, so a probe's second put is taken: the weaker guarantee is found out", () =>
    Effect.gen(function*() {
      const { port } = yield* xmlApi
      const url = `http://storage.googleapis.com:${port}`
      const store = yield* (yield* ObjectStores).open(config(url), Redacted.make("secret"))
      assert.deepStrictEqual(yield* store.put(canary), { _tag: "Delivered" })
      assert.deepStrictEqual(yield* store.put(canary), { _tag: "Delivered" })
      assert.deepStrictEqual(yield* store.inspect(canary.key), { _tag: "Found", seal: "canary" })
    }).pipe(Effect.provide(stores)))
})
