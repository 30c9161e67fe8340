/**
 * The S3 server that is delivered to, in a process of its own whose cost is not counted: versitygw where there is Go,
 * else our own. And a reader of what lies in it that shares no code with delivery.
 */
import { GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3"
import { Effect, Redacted, Schedule } from "effect"
import { execFileSync, spawnSync } from "node:child_process"
import { mkdir } from "node:fs/promises"
import { connect } from "node:net"
import path from "node:path"
import { createZstdDecompress } from "node:zlib"
import { accessKeyId, secretAccessKey } from "./Identity.ts"
import { ownSource, root, type Start, start } from "./Program.ts"

export interface Bucket {
  /** Which server it is. */
  readonly server: string
  readonly pid: number
  /** Reads every object back; `visit` sees each record, and may not keep it. */
  readonly count: (visit?: (record: Uint8Array) => void) => Effect.Effect<Stored>
}

export interface Stored {
  readonly objects: number
  readonly records: number
  /** Of the objects. */
  readonly bytes: number
}

/** Stands in the configuration of a data folder that is kept, so it is always the same. */
const port = 19_155
export const name = "logs"
export const url = `http://127.0.0.1:${port}`

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

type Visit = (record: Uint8Array) => void

/** Answers what is left behind the last newline. */
const visitLines = (content: Buffer, visit: Visit): Buffer => {
  let start = 0
  for (let at = content.indexOf(10); at >= 0; at = content.indexOf(10, start)) {
    visit(content.subarray(start, at))
    start = at + 1
  }
  return content.subarray(start)
}

/** Node's decompressor stops behind each frame, and an object has many. What others leave open is a record, too. */
const visitObject = async (body: Uint8Array, visit: Visit): Promise<void> => {
  let open: Buffer = Buffer.alloc(0)
  for (let rest = body; rest.length > 0;) {
    const engine = createZstdDecompress({ chunkSize: 1_048_576 })
    engine.end(rest)
    for await (const part of engine) {
      if (part instanceof Uint8Array) open = visitLines(Buffer.concat([open, part]), visit)
    }
    rest = rest.subarray(engine.bytesWritten)
  }
  if (open.length > 0) visit(open)
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

const keysOf = async (client: S3Client): Promise<ReadonlyArray<string>> => {
  const keys: Array<string> = []
  for await (const page of paginateListObjectsV2({ client }, { Bucket: name })) {
    for (const { Key = "" } of page.Contents ?? []) if (!Key.includes(".tailrace-canary-")) keys.push(Key)
  }
  return keys
}

const count = Effect.fnUntraced(function*(visit: Visit = () => {}) {
  const client = yield* openClient
  const keys = yield* Effect.promise(() => keysOf(client))
  const sum = { objects: keys.length, records: 0, bytes: 0 }
  const counted: Visit = (record) => {
    sum.records++
    visit(record)
  }
  for (const key of keys) {
    const answer = yield* Effect.promise(() => client.send(new GetObjectCommand({ Bucket: name, Key: key })))
    const body = yield* Effect.promise(async () => await answer.Body?.transformToByteArray() ?? new Uint8Array())
    yield* Effect.promise(() => visitObject(body, counted))
    sum.bytes += body.length
  }
  const stored: Stored = sum
  return stored
}, Effect.scoped)

/** On an empty folder; killed when the scope closes. */
export const startBucket = Effect.fn("startBucket")(function*(folder: string) {
  yield* Effect.promise(() => mkdir(path.join(folder, name), { recursive: true }))
  const go = hasGo()
  const { pid } = yield* start(go ? versitygw(folder) : { command: ownSource("S3Server.ts", folder, `${port}`, name) })
  yield* Effect.retry(listens, Schedule.spaced("50 millis")).pipe(Effect.timeout("15 seconds"))
  const bucket: Bucket = { server: go ? "versitygw" : "our own S3 server", pid, count }
  return bucket
})
