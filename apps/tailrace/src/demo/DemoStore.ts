/** The demo's S3 server: buckets in a folder of the data, on a loopback port that stays the same over restarts. */
import { Settings, StartupFailure } from "@tailrace/process"
import { type S3ServerError, serve } from "@tailrace/s3-server"
import { Context, Effect, Layer } from "effect"
import { join } from "node:path"

import { type DemoIdentity, loadIdentity, saveIdentity } from "./DemoIdentity.ts"

export const demoBucket = "demo-bucket"

/** Folder of the demo's objects, inside the data folder. */
export const demoFolder = (data: string): string => join(data, "demo-objects")

export class DemoStore extends Context.Service<DemoStore, {
  /** Endpoint of the S3 server. */
  readonly url: string
  /** Where the objects lie as files. */
  readonly folder: string
  readonly identity: DemoIdentity
}>()("@tailrace/tailrace/DemoStore") {
  static readonly layer = Layer.effect(DemoStore, Effect.suspend(() => make))
}

const make = Effect.gen(function*() {
  const { data } = yield* Settings
  const file = join(data, "demo.json")
  const known = yield* loadIdentity(file)
  // Where somebody else has the port now, another one is taken, and the destinations move there.
  const running = yield* serveOn(data, known).pipe(
    Effect.catch((error) => known.port === 0 ? Effect.fail(error) : serveOn(data, { ...known, port: 0 })),
    Effect.mapError(unavailable)
  )
  const identity = { ...known, port: running.port }
  if (known.port !== running.port) yield* saveIdentity(file, identity)
  return { url: running.url, folder: join(demoFolder(data), demoBucket), identity }
})

const serveOn = (data: string, identity: DemoIdentity) =>
  serve({
    folder: demoFolder(data),
    credentials: [{ accessKeyId: identity.accessKeyId, secretAccessKey: identity.secretAccessKey }],
    buckets: [demoBucket],
    port: identity.port
  })

const unavailable = (error: S3ServerError): StartupFailure =>
  new StartupFailure({ message: `the demo's ${error.message}; TAILRACE_DEMO=0 does without it` })
