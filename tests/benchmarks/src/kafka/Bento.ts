/** Bento with only its Kafka and S3 parts, as somebody would tune it who wants it fast. */
import { Effect, Redacted, Schedule, Schema } from "effect"
import { existsSync } from "node:fs"
import { mkdir, rename, writeFile } from "node:fs/promises"
import path from "node:path"
import { ask } from "../App.ts"
import { name as bucketName, url as bucketUrl } from "../Bucket.ts"
import { accessKeyId, secretAccessKey } from "../Identity.ts"
import { root, start } from "../Program.ts"
import type { Kafka } from "./Broker.ts"

const port = 19_196
const buildSeconds = 1_800
const source = path.resolve(import.meta.dirname, "../../bento")
const cache = path.join(root, ".cache/bento-1.20.0")

/** Path of the program. Building it takes many minutes, once. */
const built = Effect.gen(function*() {
  const binary = path.join(cache, "bento")
  if (existsSync(binary)) return binary
  yield* Effect.promise(() => mkdir(cache, { recursive: true }))
  const unfinished = `${binary}-building`
  const build = yield* start({ command: ["go", "build", "-C", source, "-o", unfinished, "."] })
  const code = yield* Effect.timeout(build.ended, `${buildSeconds} seconds`)
  if (code !== 0) return yield* Effect.die(new Error(`go build in ${source} ended with ${code}`))
  yield* Effect.promise(() => rename(unfinished, binary))
  return binary
}).pipe(Effect.scoped)

/** Batches are made at the input; each becomes one object, about as large as ours. JSON is YAML. */
const configuration = ({ bootstrap }: Kafka) => ({
  http: { address: `127.0.0.1:${port}` },
  input: {
    kafka_franz: {
      seed_brokers: [bootstrap],
      topics: ["tailrace.flow"],
      consumer_group: "bento",
      checkpoint_limit: 200_000,
      batching: { count: 20_000, period: "1s" }
    }
  },
  pipeline: {
    threads: 2,
    processors: [{ archive: { format: "lines" } }, { compress: { algorithm: "zstd", level: 3 } }]
  },
  output: {
    aws_s3: {
      bucket: bucketName,
      path: "bento/${! timestamp_unix_nano() }-${! uuid_v4() }.json.zst",
      endpoint: bucketUrl,
      region: "us-east-1",
      force_path_style_urls: true,
      credentials: { id: accessKeyId, secret: Redacted.value(secretAccessKey) },
      metadata: { exclude_prefixes: ["kafka_"] },
      max_in_flight: 4
    }
  },
  metrics: { json_api: {} },
  logger: { level: "WARN" }
})

const Metrics = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown))

/** A metric stands there once for each component. */
const sumOf = (text: string, name: string): number =>
  Object.entries(Schema.decodeSync(Metrics)(text))
    .filter(([key]) => key.startsWith(`${name}{`))
    .reduce((sum, [, value]) => sum + Number(value), 0)

/** Serves when it returns; killed when the scope closes. */
export const startBento = Effect.fn("startBento")(function*(kafka: Kafka, folder: string) {
  const binary = yield* built
  const file = path.join(folder, "bento.yaml")
  yield* Effect.promise(() => mkdir(folder, { recursive: true }))
  yield* Effect.promise(() => writeFile(file, JSON.stringify(configuration(kafka))))
  const program = yield* start({ command: [binary, "-c", file] })
  const read = ask({ url: `http://127.0.0.1:${port}` }, { method: "GET", path: "/metrics" })
  yield* Effect.retry(Effect.sandbox(read), Schedule.spaced("20 millis")).pipe(Effect.timeout("30 seconds"))
  const counted = (name: string) => Effect.map(read, (text) => sumOf(text, name))
  return { program, counted }
})
