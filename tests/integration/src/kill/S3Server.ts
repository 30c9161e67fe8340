/** Our S3 server as a process of its own, so that it can be killed and does not share the test's thread. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { serve } from "@tailrace/s3-server"
import { Console, Effect } from "effect"
import process from "node:process"
import { accessKeyId, secretAccessKey } from "../s3/S3ServerKind.ts"

const [folder = "", port = "0", ...buckets] = process.argv.slice(2)

NodeRuntime.runMain(
  serve({ folder, port: Number(port), buckets, credentials: [{ accessKeyId, secretAccessKey }] }).pipe(
    Effect.tap(({ port, url }) => Console.log(`serving port ${port} at ${url}`)),
    Effect.andThen(Effect.never),
    Effect.scoped
  )
)
