/** What lies in a bucket, uncompressed. Reads with a plain S3 client, and by the file name's extension only. */
import { Effect } from "effect"
import { gunzipSync } from "node:zlib"
import type { Bucket } from "../s3/Bucket.ts"
import { zstdContent } from "./zstdContent.ts"

export interface StoredObject {
  readonly key: string
  /** Uncompressed. */
  readonly content: Uint8Array
  readonly metadata: Readonly<Record<string, string>>
}

/** Probes of a store write these; they hold no records. */
export const isCanary = (key: string): boolean => key.includes(".tailrace-canary-")

const uncompressed = (key: string, body: Uint8Array): Effect.Effect<Uint8Array> => {
  if (key.endsWith(".zst")) return Effect.promise(() => zstdContent(body))
  return Effect.sync(() => key.endsWith(".gz") ? gunzipSync(body) : body)
}

const readObject = (bucket: Bucket) =>
  Effect.fnUntraced(function*(key: string) {
    const { body, head } = yield* Effect.all({ body: bucket.get(key), head: bucket.head(key) }, { concurrency: 2 })
    const object: StoredObject = { key, content: yield* uncompressed(key, body), metadata: head.metadata }
    return object
  })

/** All objects of the bucket except canaries, in the order of their keys. */
export const readObjects = Effect.fn("readObjects")(function*(bucket: Bucket) {
  const keys = yield* bucket.keys()
  const records = keys.filter((key) => !isCanary(key)).toSorted((one, other) => one < other ? -1 : 1)
  return yield* Effect.forEach(records, readObject(bucket), { concurrency: 8 })
})
