/**
 * The demo's two destinations, made by the same commands as the API's. They have fixed ids: what a user deleted stays
 * deleted, what is there is left alone, and only a moved S3 server changes them.
 */
import {
  type Actor,
  type Command,
  type Destination,
  type DestinationConfig,
  DestinationId,
  type LogType,
  type TailnetName,
  topicOf,
  type Upload
} from "@tailrace/domain"
import { ControlLog, Secrets } from "@tailrace/event-store"
import { Log } from "@tailrace/log"
import { Clock, Effect, Option, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import { demoBucket, DemoStore } from "./DemoStore.ts"

const actor: Actor = { id: "tailrace-demo", type: "AUTOMATED_WORKER", loginName: "", displayName: "Tailrace demo" }

const upload: Upload = {
  periodMinutes: 1,
  periodSeconds: 60,
  codec: "zstd",
  keyLayout: "documented",
  emptyWindows: "none"
}

interface Wanted {
  readonly id: DestinationId
  readonly logType: LogType
  readonly name: string
  readonly keyPrefix: string
}

export const demoDestinations: readonly [audit: Wanted, flow: Wanted] = [
  {
    id: DestinationId.make("dst_demoaudit"),
    logType: "configuration",
    name: "demo audit logs",
    keyPrefix: "audit-logs/"
  },
  { id: DestinationId.make("dst_demoflow"), logType: "network", name: "demo flow logs", keyPrefix: "flow-logs/" }
]

const mintHex = Effect.sync(() => randomBytes(16).toString("hex"))

const execute = Effect.fnUntraced(function*(tailnet: TailnetName, command: Command) {
  const control = yield* ControlLog
  const [commandId, eventGroupID] = yield* Effect.all([mintHex, mintHex])
  const at = yield* Clock.currentTimeMillis
  yield* control.execute({ tailnet, commandId, eventGroupID, origin: "CONTROL", actor, at, command })
})

const configOf = (wanted: Wanted, store: DemoStore["Service"]): DestinationConfig => ({
  _tag: "s3",
  url: store.url,
  bucket: demoBucket,
  region: "",
  keyPrefix: wanted.keyPrefix,
  accessKeyId: store.identity.accessKeyId,
  addressing: "path"
})

/** From the first record that there is: so the first object tells how the tailnet was made. */
const fromEarliest = Effect.fnUntraced(function*(logType: LogType) {
  const log = yield* Log
  const lanes = Array.from({ length: log.lanes }, (_, lane) => lane)
  const bounds = yield* Effect.forEach(lanes, (lane) => log.bounds(topicOf[logType], lane))
  return { _tag: "At" as const, offsets: bounds.map(({ earliest }) => earliest) }
})

/** A version of the secret that the S3 server of today takes: the one in use, or a new one. */
const secretVersionOf = Effect.fnUntraced(function*(tailnet: TailnetName, id: DestinationId, inUse: string | null) {
  const { identity } = yield* DemoStore
  const secrets = yield* Secrets
  const stored = inUse === null ? Option.none() : yield* secrets.get({ tailnet, destination: id, version: inUse })
  const fits = Option.exists(stored, (secret) => Redacted.value(secret) === Redacted.value(identity.secretAccessKey))
  if (inUse !== null && fits) return inUse
  const version = yield* mintHex
  yield* secrets.put({ tailnet, destination: id, version }, identity.secretAccessKey)
  return version
})

const create = Effect.fnUntraced(function*(tailnet: TailnetName, wanted: Wanted) {
  yield* execute(tailnet, {
    _tag: "CreateDestination",
    destination: wanted.id,
    logType: wanted.logType,
    name: wanted.name,
    start: yield* fromEarliest(wanted.logType),
    config: configOf(wanted, yield* DemoStore),
    upload,
    secretVersion: yield* secretVersionOf(tailnet, wanted.id, null)
  })
})

/** No event follows when nothing differs. */
const update = Effect.fnUntraced(function*(tailnet: TailnetName, destination: Destination) {
  const present = destination.versions.at(-1)
  if (destination.deleted || present === undefined) return
  const { url } = yield* DemoStore
  yield* execute(tailnet, {
    _tag: "UpdateDestination",
    destination: destination.id,
    config: { ...present.config, url },
    upload: present.upload,
    secretVersion: yield* secretVersionOf(tailnet, destination.id, present.secretVersion)
  })
})

/** Ids of those that stand in the tailnet. */
export const liveDemoDestinations = (tailnet: TailnetName): Effect.Effect<ReadonlyArray<string>, never, ControlLog> =>
  Effect.map(ControlLog, (control) => {
    const known = control.tailnet(tailnet)?.destinations
    return demoDestinations.map(({ id }) => id).filter((id) => known?.get(id)?.deleted === false)
  })

/** Does nothing when all is as it should be. */
export const ensureDemoDestinations = Effect.fn("ensureDemoDestinations")(function*(tailnet: TailnetName) {
  const control = yield* ControlLog
  yield* control.caughtUp
  const isFirst = !demoDestinations.some(({ id }) => control.tailnet(tailnet)?.destinations.has(id))
  if (isFirst) yield* execute(tailnet, { _tag: "ChangeSettings", changes: { networkFlowLoggingOn: true } })
  yield* Effect.forEach(demoDestinations, (wanted) => {
    const known = control.tailnet(tailnet)?.destinations.get(wanted.id)
    return known === undefined ? create(tailnet, wanted) : update(tailnet, known)
  }, { discard: true })
})
