// The whole application as a process, sending objects to Cloud Storage and to Blob Storage.
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import { account, accountKey, container } from "../src/azure/azuriteAccount.ts"
import { azurite } from "../src/azure/azurite.ts"
import { zstdContent } from "../src/checker/zstdContent.ts"
import { flowRecord, idsOf, nodeIds, range } from "../src/destinations/flowRecords.ts"
import { receiverSite } from "../src/destinations/ReceiverSite.ts"
import { eventually } from "../src/eventually.ts"
import { bucket, fakeGcs } from "../src/gcs/fakeGcs.ts"
import { temporaryFolder } from "../src/s3/S3Site.ts"
import type { RunningStore, StoreKind } from "../src/store/StoreKind.ts"
import { lacks, naming } from "../src/tool.ts"

interface Place {
  readonly kind: StoreKind
  readonly body: (store: RunningStore) => object
}

const places: ReadonlyArray<Place & { readonly name: string }> = [
  {
    name: "Cloud Storage",
    kind: fakeGcs,
    body: ({ secret, url }) => ({
      destinationType: "gcs",
      url,
      gcsBucket: bucket,
      gcsKeyPrefix: "flow/",
      gcsCredentials: Redacted.value(secret)
    })
  },
  {
    name: "Blob Storage",
    kind: azurite,
    body: ({ url }) => ({
      destinationType: "azure",
      url,
      azureAccount: account,
      azureContainer: container,
      azureKeyPrefix: "flow/",
      azureSecret: Redacted.value(accountKey)
    })
  }
]

const Lines = Schema.Array(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

/** What lies in all objects together. */
const stored = Effect.fnUntraced(function*({ objects }: RunningStore) {
  const keys = (yield* objects.keys("flow/")).filter((key) => key.endsWith(".zst"))
  const bodies = yield* Effect.forEach(keys, (key) => objects.get(key))
  const contents = yield* Effect.promise(() => Promise.all(bodies.map(zstdContent)))
  const lines = Buffer.concat(contents).toString().split("\n").filter((line) => line !== "")
  return yield* Effect.orDie(Schema.decodeEffect(Lines)(lines))
})

const records = (from: number, to: number) => range(from, to).map((index) => flowRecord(index))

describe.each(places)("$name", ({ body, kind }) => {
  it.live.skipIf(lacks(...kind.needs))(
    naming("each record is in one object, also after kill -9; the test says what the store can do", ...kind.needs),
    () =>
      Effect.gen(function*() {
        const store = yield* kind.start(yield* temporaryFolder)
        const site = yield* receiverSite({ compressionFormat: "zstd", uploadPeriodSeconds: 5, ...body(store) })
        const arrived = (count: number) =>
          eventually(stored(store), { what: `${count} records`, seconds: 90, holds: (lines) => lines.length >= count })
        yield* site.post(records(0, 500))
        yield* arrived(500)
        yield* site.post(records(500, 700))
        yield* site.killAndStart
        yield* site.post(records(700, 800))
        assert.deepStrictEqual(nodeIds(yield* arrived(800)), idsOf(range(0, 800)))
        const tested = yield* site.test
        assert.match(tested, /"conditionalPut":true/)
        assert.match(tested, /"inspect":true/)
        for (const text of [tested, yield* site.status]) {
          assert.notInclude(text, Redacted.value(accountKey))
          assert.notInclude(text, "PRIVATE KEY")
        }
      }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerNodeHttp)),
    600_000
  )
})
