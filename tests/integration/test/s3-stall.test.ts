// A server that accepts a connection and then takes nothing more: the upload ends long before the request's time-out.
import { assert, it } from "@effect/vitest"
import { ObjectStores } from "@tailrace/destinations"
import { Effect } from "effect"
import { createServer } from "node:net"
import { secretAccessKey } from "../src/s3/S3ServerKind.ts"
import { configFor, localStores } from "../src/s3/S3Site.ts"

/** Its URL. */
const deaf = Effect.acquireRelease(
  Effect.callback<{ readonly url: string; readonly close: () => void }>((resume) => {
    const server = createServer((socket) => void socket.on("error", () => undefined).pause())
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = address === null || typeof address === "string" ? 0 : address.port
      resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, close: () => void server.close() }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

it.live(
  "a body of which nothing is taken is given up after ten seconds, surely not stored",
  () =>
    Effect.gen(function*() {
      const { url } = yield* deaf
      const store = yield* (yield* ObjectStores).open(configFor(url), secretAccessKey)
      const body = new Uint8Array(64 * 1024 * 1024)
      const began = performance.now()
      const answer = yield* store.put({ key: "k", body, contentType: "text/plain", metadata: {}, onlyIfAbsent: true })
      assert.deepStrictEqual(answer, {
        _tag: "Transient",
        message: "ETIMEDOUT: no byte of the body was taken for 10 s",
        status: null,
        retryAfterMillis: null,
        maybeStored: false
      })
      assert.isBelow(performance.now() - began, 25_000)
    }).pipe(Effect.scoped, Effect.provide(localStores)),
  40_000
)
