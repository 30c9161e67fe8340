/** Our own S3 server as a process of its own: `node S3Server.ts <folder> <port> <bucket>`; for machines without Go. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { serve } from "@tailrace/s3-server"
import { Console, Effect } from "effect"
import { accessKeyId, secretAccessKey } from "./Identity.ts"

const [folder = "", port = "0", bucket = ""] = process.argv.slice(2)

NodeRuntime.runMain(
  serve({ folder, port: Number(port), buckets: [bucket], credentials: [{ accessKeyId, secretAccessKey }] }).pipe(
    Effect.tap(() => Console.log("serving")),
    Effect.andThen(Effect.never),
    Effect.scoped
  )
)
