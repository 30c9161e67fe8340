/** The process under test as its operator set it up: settings, a tailnet with flow logs on, three destinations. */
import { DestinationId } from "@tailrace/domain"
import { Effect, Option, Redacted, Schedule, Schema } from "effect"
import { createServer } from "node:net"
import { ownerKey, type Settings } from "../app/Tailrace.ts"
import type { CheckedDestination } from "../checker/LedgerStory.ts"
import { accessKeyId, secretAccessKey } from "../s3/S3ServerKind.ts"
import { bucketName } from "../s3/S3Site.ts"
import { askWell } from "../app/Ask.ts"

export const lanes = 2
/** `TAILRACE_MEMORY` in bytes. */
export const memoryBytes = 350_000_000
export const tailnet = "example.com"

/** A port that was free a moment ago: every life listens on the same one. */
export const freePort = Effect.callback<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = address === null || typeof address === "string" ? 0 : address.port
    server.close(() => resume(Effect.succeed(port)))
  })
})

export const settingsOf = (data: string, port: number): Settings => ({
  TAILRACE_DATA: data,
  TAILRACE_LISTEN: `127.0.0.1:${port}`,
  TAILRACE_BOOTSTRAP_KEY: ownerKey,
  TAILRACE_DEMO: "0",
  TAILRACE_ALLOW_ENDPOINTS: "127.0.0.0/8",
  TAILRACE_LANES: `${lanes}`,
  TAILRACE_MEMORY: `${memoryBytes / 1_000_000} MB`
})

const wanted = [
  { logType: "network", compressionFormat: "zstd" },
  { logType: "configuration", compressionFormat: "gzip" },
  { logType: "network", compressionFormat: "none" }
] as const

const Made = Schema.fromJsonString(Schema.Struct({ id: DestinationId }))
const Token = Schema.fromJsonString(Schema.Struct({ token: Schema.String }))

interface Where {
  readonly url: string
  readonly store: string
  readonly lanes: number
}

const createDestination = Effect.fnUntraced(function*({ lanes, store, url }: Where, of: typeof wanted[number]) {
  const name = `${of.logType}-${of.compressionFormat}`
  const text = yield* askWell(url, {
    method: "POST",
    path: `/api/v2/tailnet/-/logging/${of.logType}/destinations`,
    body: JSON.stringify({
      destinationType: "s3",
      name,
      url: store,
      s3Bucket: bucketName,
      s3KeyPrefix: `${name}/`,
      s3AccessKeyId: accessKeyId,
      s3SecretAccessKey: Redacted.value(secretAccessKey),
      compressionFormat: of.compressionFormat,
      uploadPeriodSeconds: 5,
      startAt: "earliest"
    })
  })
  const { id } = yield* Schema.decodeEffect(Made)(text)
  const destination: CheckedDestination = {
    id,
    tailnet,
    topic: of.logType === "network" ? "flow" : "audit",
    starts: Array.from({ length: lanes }, () => 0)
  }
  return destination
})

/** Sets everything up; answers the destinations and a token for HEC. */
export const setUp = Effect.fn("setUp")(function*(url: string, store: string, lanes: number) {
  yield* askWell(url, {
    method: "PATCH",
    path: "/api/v2/tailnet/-/settings",
    body: JSON.stringify({ networkFlowLoggingOn: true })
  })
  const destinations = yield* Effect.forEach(wanted, (of) => createDestination({ url, store, lanes }, of))
  const made = yield* askWell(url, { method: "POST", path: "/api/v2/tailnet/-/ingest-tokens", body: "{}" })
  return { destinations, token: (yield* Schema.decodeEffect(Token)(made)).token }
})

const Status = Schema.fromJsonString(
  Schema.Struct({
    lagRecords: Schema.Int,
    legs: Schema.Array(Schema.Struct({ openObject: Schema.NullOr(Schema.String) }))
  })
)

const statusOf = (url: string, { id }: CheckedDestination) =>
  askWell(url, { method: "GET", path: `/api/v2/tailnet/-/destinations/${id}/status` })

const isSettled = Effect.fnUntraced(function*(url: string, destination: CheckedDestination) {
  const { lagRecords, legs } = yield* Schema.decodeEffect(Status)(yield* statusOf(url, destination))
  return lagRecords === 0 && legs.every(({ openObject }) => openObject === null)
})

/** Returns when every record is delivered, as the API says it; dies with what it says if that takes four minutes. */
export const settled = Effect.fn("settled")(function*(url: string, destinations: ReadonlyArray<CheckedDestination>) {
  const inTime = yield* Effect.forEach(destinations, (destination) => isSettled(url, destination)).pipe(
    Effect.repeat({ until: (all) => all.every((one) => one), schedule: Schedule.spaced("500 millis") }),
    Effect.timeoutOption("4 minutes")
  )
  if (Option.isSome(inTime)) return
  const statuses = yield* Effect.forEach(destinations, (destination) => statusOf(url, destination))
  return yield* Effect.die(new Error(`not everything was delivered:\n${statuses.join("\n")}`))
})
