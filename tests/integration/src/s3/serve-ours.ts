/** Our own S3 server as a process that can be killed: `node serve-ours.ts <folder> <bucket>` prints its port. */
import { serve } from "@tailrace/s3-server"
import { Console, Effect } from "effect"
import { accessKeyId, secretAccessKey } from "./S3ServerKind.ts"

const [, , folder = "", bucket = ""] = process.argv

await Effect.runPromise(Effect.scoped(
  serve({ folder, credentials: [{ accessKeyId, secretAccessKey }], buckets: [bucket] }).pipe(
    Effect.flatMap(({ port }) => Console.log(port)),
    Effect.andThen(Effect.never)
  )
))
