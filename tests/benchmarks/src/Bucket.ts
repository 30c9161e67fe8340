/**
 * The S3 server that is delivered to, in a process of its own whose cost is not counted: versitygw where there is Go,
 * else our own. And a reader of what lies in it that shares no code with delivery.
 */
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3"
import { Effect, Redacted, Schedule } from "effect"
import { execFileSync, spawnSync } from "node:child_process"
import { mkdir } from "node:fs/promises"
import { connect } from "node:net"
import path from "node:path"
import { buffer } from "node:stream/consumers"
import { createZstdDecompress } from "node:zlib"
import { accessKeyId, secretAccessKey } from "./Identity.ts"
import { ownSource, root, type Start, start } from "./Program.ts"

export interface Bucket {
  /** Which server it is. */
  readonly server: string
  /** Reads every object back; answers objects and records. */
  readonly count: Effect.Effect<{ readonly objects: number; readonly records: number; readonly bytes: number }>
}

/** Stands in the configuration of a data folder that is kept, so it is always the same. */
const port = 19_155
const name = "logs"
const url = `http://127.0.0.1:${port}`

/** Body of a `PUT …/stream` that delivers here. */
export const stream = {
  destinationType: "s3",
  url,
  s3Bucket: name,
  s3AccessKeyId: accessKeyId,
  s3SecretAccessKey: Redacted.value(secretAccessKey),
  compressionFormat: "zstd",
  uploadPeriodMinutes: 1
}

const hasGo = (): boolean => spawnSync("go", ["version"], { stdio: "ignore", timeout: 20_000 }).status === 0

const versitygw = (folder: string): Start => {
  const script = path.join(root, "scripts/versitygw.mjs")
  const binary = execFileSync(process.execPath, [script], { encoding: "utf8" }).trim()
  return {
    command: [binary, "--port", `127.0.0.1:${port}`, "--quiet", "--keep-alive", "posix", folder],
    env: { ROOT_ACCESS_KEY_ID: accessKeyId, ROOT_SECRET_ACCESS_KEY: Redacted.value(secretAccessKey) }
  }
}

const listens = Effect.callback<void, Error>((resume) => {
  const socket = connect(port, "127.0.0.1", () => {
    socket.destroy()
    resume(Effect.void)
  })
  socket.on("error", (error) => resume(Effect.fail(error)))
})

const linesIn = (content: Buffer): number => {
  let lines = 0
  for (let at = content.indexOf(10); at >= 0; at = content.indexOf(10, at + 1)) lines++
  return lines
}

/** Node's decompressor stops behind each frame, and an object has many. */
const countObject = async (body: Uint8Array): Promise<number> => {
  let records = 0
  for (let rest = body; rest.length > 0;) {
    const engine = createZstdDecompress({ chunkSize: 1_048_576 })
    engine.end(rest)
    records += linesIn(await buffer(engine))
    rest = rest.subarray(engine.bytesWritten)
  }
  return records
}

const openClient = Effect.acquireRelease(
  Effect.sync(() =>
    new S3Client({
      endpoint: url,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey: Redacted.value(secretAccessKey) }
    })
  ),
  (client) => Effect.sync(() => client.destroy())
)

const count = Effect.gen(function*() {
  const client = yield* openClient
  const listed = yield* Effect.promise(() => client.send(new ListObjectsV2Command({ Bucket: name })))
  const keys = (listed.Contents ?? []).map(({ Key = "" }) => Key).filter((key) => !key.includes(".tailrace-canary-"))
  const sum = { objects: keys.length, records: 0, bytes: 0 }
  for (const key of keys) {
    const answer = yield* Effect.promise(() => client.send(new GetObjectCommand({ Bucket: name, Key: key })))
    const body = yield* Effect.promise(async () => await answer.Body?.transformToByteArray() ?? new Uint8Array())
    sum.records += yield* Effect.promise(() => countObject(body))
    sum.bytes += body.length
  }
  return sum
}).pipe(Effect.scoped)

/** On an empty folder; killed when the scope closes. */
export const startBucket = Effect.fn("startBucket")(function*(folder: string) {
  yield* Effect.promise(() => mkdir(path.join(folder, name), { recursive: true }))
  const go = hasGo()
  yield* start(go ? versitygw(folder) : { command: ownSource("S3Server.ts", folder, `${port}`, name) })
  yield* Effect.retry(listens, Schedule.spaced("50 millis")).pipe(Effect.timeout("15 seconds"))
  const bucket: Bucket = { server: go ? "versitygw" : "our own S3 server", count }
  return bucket
})
