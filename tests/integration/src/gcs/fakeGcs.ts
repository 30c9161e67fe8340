/**
 * fake-gcs-server: a real server of the JSON API, with preconditions and checksums, but without any authorization. So a
 * token endpoint of ours stands beside it, which checks assertions as Google's would.
 */
import { Effect, Schema } from "effect"
import { mkdir } from "node:fs/promises"
import path from "node:path"
import { freePort, installedBy, startServer } from "../store/ServerProcess.ts"
import type { StoredObjects, StoreKind } from "../store/StoreKind.ts"
import { go } from "../tool.ts"
import { serviceAccount, tokenEndpoint } from "./TokenEndpoint.ts"

export const bucket = "tailrace-logs"

const ask = (url: string) => Effect.promise(() => fetch(url))

const StoredObject = Schema.Struct({
  name: Schema.String,
  contentType: Schema.String,
  contentEncoding: Schema.optional(Schema.String),
  metadata: Schema.optional(Schema.Record(Schema.String, Schema.String))
})
const List = Schema.Struct({ items: Schema.optional(Schema.Array(StoredObject)) })

const read = <S extends Schema.Decoder<unknown>>(schema: S, url: string) =>
  Effect.flatMap(ask(url), (answer) => Effect.promise(() => answer.json())).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(schema)),
    Effect.orDie
  )

const objectUrl = (url: string, key: string) => `${url}/storage/v1/b/${bucket}/o/${encodeURIComponent(key)}`

const objectsOf = (url: string): StoredObjects => ({
  get: (key) =>
    Effect.flatMap(
      ask(`${objectUrl(url, key)}?alt=media`),
      (answer) => Effect.promise(async () => new Uint8Array(await answer.arrayBuffer()))
    ),
  head: (key) =>
    Effect.map(read(StoredObject, objectUrl(url, key)), ({ contentEncoding = null, contentType, metadata = {} }) => ({
      contentType,
      contentEncoding,
      metadata
    })),
  keys: (prefix) =>
    Effect.map(
      read(List, `${url}/storage/v1/b/${bucket}/o?prefix=${encodeURIComponent(prefix)}`),
      ({ items = [] }) => items.map(({ name }) => name)
    )
})

export const fakeGcs: StoreKind = {
  name: "fake-gcs-server",
  needs: [go],
  metadataName: (name) => name,
  missingContainer: "notFound",
  start: Effect.fnUntraced(function*(folder) {
    const file = yield* installedBy("fake-gcs-server.mjs")
    const port = yield* freePort
    const seed = path.join(folder, "seed")
    yield* Effect.promise(() => mkdir(path.join(seed, bucket), { recursive: true }))
    yield* startServer({
      file,
      args: ["-backend", "memory", "-data", seed, "-scheme", "http", "-host", "127.0.0.1", "-port", `${port}`],
      port
    })
    const tokens = yield* tokenEndpoint
    const url = `http://127.0.0.1:${port}`
    return {
      url,
      port,
      secret: serviceAccount(tokens.url),
      objects: objectsOf(url),
      config: (more) => ({
        _tag: "gcs",
        url: more?.url ?? url,
        bucket: more?.container ?? bucket,
        keyPrefix: "",
        scopes: []
      })
    }
  })
}
