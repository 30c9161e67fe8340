/** Our S3 server as one of the kinds that tests run against, in a process of its own. */
import { S3ServerError } from "@tailrace/s3-server"
import { Effect } from "effect"
import { start } from "../app/Program.ts"
import type { S3ServerKind } from "../s3/S3ServerKind.ts"

export const oursApart: S3ServerKind = {
  name: "our own S3 server",
  needs: [],
  atomic: true,
  start: Effect.fnUntraced(function*({ buckets, folder, port }) {
    const file = "tests/integration/src/kill/S3Server.ts"
    const program = yield* start({ file, args: [folder, `${port}`, ...buckets] })
    const [, chosen = "", url = ""] = yield* program.seen(/^serving port (\d+) at (\S+)$/m, 60)
    return { url, port: Number(chosen) }
  }, Effect.mapError(({ message }) => new S3ServerError({ reason: message })))
}
