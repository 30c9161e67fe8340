/** Two hundred destinations of twenty tailnets in one process, made by commands as the API would. */
import { type Command, DestinationId, type S3Config, TailnetName, type Upload } from "@tailrace/domain"
import { ControlLog, Secrets } from "@tailrace/event-store"
import { laneOf, Log } from "@tailrace/log"
import { Effect, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import type { CheckedDestination } from "../checker/LedgerStory.ts"
import { secretAccessKey } from "../s3/S3ServerKind.ts"

export const tailnets = Array.from({ length: 20 }, (_, n) => TailnetName.make(`tailnet-${n}.example.com`))
export const perTailnet = 10
/** One destination, and more to send than anybody else. */
export const hugeTailnet = TailnetName.make("huge.example.com")
export const periodMillis = 10_000

/** A destination, as it is now. */
export interface Neighbour {
  readonly id: DestinationId
  readonly tailnet: TailnetName
  readonly config: S3Config
  readonly upload: Upload
  readonly secret: Redacted.Redacted
}

const system = { id: "system", type: "AUTOMATED_WORKER", loginName: "", displayName: "test" } as const

let commands = 0

const execute = Effect.fnUntraced(function*(tailnet: TailnetName, command: Command) {
  const control = yield* ControlLog
  yield* control.execute({
    tailnet,
    commandId: `command-${commands++}`,
    eventGroupID: "0".repeat(32),
    origin: "CONFIG_API",
    actor: system,
    at: 0,
    command
  })
})

export const createTailnet = Effect.fnUntraced(function*(tailnet: TailnetName, n: number) {
  yield* execute(tailnet, {
    _tag: "CreateTailnet",
    tailnetId: `T${n}CNTRL`,
    plan: "enterprise",
    owner: { userId: `u${n}`, loginName: "owner@example.com", displayName: "Owner", role: "owner" },
    apiKey: { keyId: `k${n}`, hash: n.toString(16).padStart(64, "0"), description: "", expiresAt: 1 }
  })
})

const codecs = ["zstd", "gzip", "none"] as const

export const uploadOf = (n: number, periodSeconds = periodMillis / 1_000): Upload => ({
  periodMinutes: 0,
  periodSeconds,
  codec: codecs[n % codecs.length] ?? "none",
  keyLayout: "documented",
  emptyWindows: "none"
})

const putSecret = Effect.fnUntraced(function*({ id, secret, tailnet }: Neighbour, version: string) {
  yield* (yield* Secrets).put({ tailnet, destination: id, version }, secret)
})

/** From the first record on. */
export const create = Effect.fnUntraced(function*(neighbour: Neighbour) {
  const { config, id, tailnet, upload } = neighbour
  const { lanes } = yield* Log
  yield* putSecret(neighbour, "1")
  yield* execute(tailnet, {
    _tag: "CreateDestination",
    destination: id,
    logType: "network",
    name: id,
    config,
    upload,
    secretVersion: "1",
    start: { _tag: "At", offsets: Array.from({ length: lanes }, () => 0) }
  })
})

export const update = Effect.fnUntraced(function*(neighbour: Neighbour) {
  const { config, id, tailnet, upload } = neighbour
  yield* putSecret(neighbour, "2")
  yield* execute(tailnet, { _tag: "UpdateDestination", destination: id, config, upload, secretVersion: "2" })
})

export const pause = ({ id, tailnet }: Neighbour) => execute(tailnet, { _tag: "PauseDestination", destination: id })
export const resume = ({ id, tailnet }: Neighbour) => execute(tailnet, { _tag: "ResumeDestination", destination: id })

export const neighbour = (n: number, config: S3Config): Neighbour => ({
  id: DestinationId.make(`dst_${n}`),
  tailnet: tailnets[n % tailnets.length] ?? TailnetName.make("example.com"),
  config: { ...config, keyPrefix: `d${n}/` },
  upload: uploadOf(n),
  secret: secretAccessKey
})

export const checked = ({ id, tailnet }: Neighbour, lanes: number): CheckedDestination => ({
  id,
  tailnet,
  topic: "flow",
  starts: Array.from({ length: lanes }, () => 0)
})

/** Appends so many records of every tailnet. */
export const appendToAll = Effect.fnUntraced(function*(count: number, round: number) {
  const log = yield* Log
  for (const tailnet of tailnets) {
    const entries = Array.from({ length: count }, (_, index) => ({
      key: tailnet,
      value: Buffer.from(`{"logged":"2026-06-03T15:33:01.5Z","nodeId":"${tailnet}/${round}/${index}"}`)
    }))
    yield* log.append("flow", laneOf(tailnet, log.lanes), entries)
  }
})

const hugeRecords = 240
const hugeRecordBytes = 100_000

/** Some 24 MB that hardly compress, for the huge tailnet. */
export const appendBacklog = Effect.gen(function*() {
  const log = yield* Log
  const entries = Array.from({ length: hugeRecords }, (_, index) => ({
    key: hugeTailnet,
    value: Buffer.from(
      `{"logged":"2026-06-03T15:33:01.5Z","n":${index},"x":"${randomBytes(hugeRecordBytes / 2).toString("hex")}"}`
    )
  }))
  yield* log.append("flow", laneOf(hugeTailnet, log.lanes), entries)
})
