/** A running S3 server with one bucket, and the real client to it: what most S3 tests begin with. */
import { Guard, loopback, ObjectStoresLive, ReceiversLive, type Resolve } from "@tailrace/destinations"
import { type S3Config } from "@tailrace/domain"
import { Context, Effect, Exit, Layer, Ref, Scope } from "effect"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { type Bucket, openBucket } from "./Bucket.ts"
import { accessKeyId, type S3ServerKind } from "./S3ServerKind.ts"

export const bucketName = "tailrace-logs"

/** A configuration that works with the server at this URL. */
export const configFor = (url: string, more: Partial<S3Config> = {}): S3Config => ({
  _tag: "s3",
  url,
  bucket: bucketName,
  region: "",
  keyPrefix: "",
  accessKeyId,
  addressing: "auto",
  ...more
})

export const temporaryFolder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(path.join(tmpdir(), "tailrace-s3-"))),
  (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
)

/** Every name is this machine; so `bucket.localhost` works without a name server. */
const everythingIsLocal: Resolve = (_host, answer) => answer(null, [{ address: "127.0.0.1", family: 4 }])

/** The production layer, with loopback allowed. */
export const localStores = ObjectStoresLive.pipe(Layer.provide(Guard.layer(loopback, everythingIsLocal)))

/** The same for receivers. */
export const localReceivers = ReceiversLive.pipe(Layer.provide(Guard.layer(loopback, everythingIsLocal)))

export class S3Site extends Context.Service<S3Site, {
  readonly url: string
  readonly port: number
  readonly bucket: Bucket
  /** Stops the server at once; its objects stay. */
  readonly stop: Effect.Effect<void>
  /** On the same port again. */
  readonly start: Effect.Effect<void>
}>()("@tailrace/test-integration/S3Site") {
  static readonly layer = (kind: S3ServerKind) =>
    Layer.effect(
      S3Site,
      Effect.gen(function*() {
        const folder = yield* temporaryFolder
        const running = yield* Ref.make(yield* Scope.make())
        const startOn = (port: number) =>
          Effect.flatMap(Ref.get(running), (scope) =>
            Scope.provide(kind.start({ folder, port, buckets: [bucketName] }), scope)).pipe(Effect.orDie)
        const stop = Effect.flatMap(Ref.get(running), (scope) =>
          Scope.close(scope, Exit.void))
        yield* Effect.addFinalizer(() => stop)
        const { port, url } = yield* startOn(0)
        return S3Site.of({
          url,
          port,
          bucket: yield* openBucket(url, bucketName),
          stop,
          start: Effect.flatMap(Scope.make(), (scope) => Ref.set(running, scope)).pipe(Effect.andThen(startOn(port)))
        })
      })
    )
}
