/** Delivery over the memory log, a store in memory and a compression that does nothing: for tests in virtual time. */
import { ObjectStores, Receivers } from "@tailrace/destinations"
import {
  type Answer,
  type Command,
  type DestinationConfig,
  DestinationId,
  type LedgerEvent,
  type Rules,
  TailnetName
} from "@tailrace/domain"
import { ControlLog, Secrets } from "@tailrace/event-store"
import { type Entry, type Lane, Log, makeMemoryLog, type MemoryLog, type Topic } from "@tailrace/log"
import { Effect, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { Compression, defaultLimits, Delivery, DeliveryLimits, type Limits, Spool } from "../src/index.ts"
import { decodeLedgerEvent } from "../src/lane/LaneLedger.ts"

export const tailnet = TailnetName.make("example.com")
export const text = (value: string) => new TextEncoder().encode(value)

export interface Stored {
  readonly key: string
  readonly body: string
  readonly metadata: Readonly<Record<string, string>>
}

/** Objects by key, and what the store answers instead when `fail` says so. */
export const makeStore = () => {
  const objects = new Map<string, Stored>()
  let fail: (key: string) => Answer | null = () => null
  const layer = Layer.succeed(
    ObjectStores,
    ObjectStores.of({
      target: (config) =>
        `${config._tag}:${"url" in config ? config.url : ""}/${"bucket" in config ? config.bucket : ""}`,
      open: () =>
        Effect.succeed({
          put: ({ body, key, metadata, onlyIfAbsent }) =>
            Effect.sync((): Answer => {
              const failure = fail(key)
              if (failure !== null) return failure
              if (onlyIfAbsent && objects.has(key)) return { _tag: "Taken" }
              objects.set(key, { key, body: new TextDecoder().decode(body), metadata })
              return { _tag: "Delivered" }
            }),
          inspect: (key) =>
            Effect.sync(() => {
              const object = objects.get(key)
              return object === undefined
                ? { _tag: "Missing" } as const
                : { _tag: "Found", seal: object.metadata["seal"] ?? null } as const
            })
        })
    })
  )
  return {
    layer,
    failWith: (next: (key: string) => Answer | null) => void (fail = next),
    put: (object: Stored) => void objects.set(object.key, object),
    /** Objects that hold records, in order of their keys. */
    records: () =>
      [...objects.values()].filter(({ key }) => !key.includes(".tailrace-canary")).sort((a, b) =>
        a.key < b.key ? -1 : 1
      )
  }
}

export type Store = ReturnType<typeof makeStore>

/** Frames as they are: objects can be read. */
const plain = Layer.succeed(Compression, Compression.of({ compress: (_, frame) => Effect.sync(() => frame.slice()) }))

const memorySpool = Layer.succeed(
  Spool,
  Spool.of({
    open: Effect.sync(() => {
      let content = Buffer.alloc(0)
      return {
        append: (frames: ReadonlyArray<Uint8Array>) =>
          Effect.sync(() => {
            const at = content.length
            content = Buffer.concat([content, ...frames])
            return at
          }),
        read: (position: number, into: Uint8Array) =>
          Effect.sync(() => into.set(content.subarray(position, position + into.length)))
      }
    })
  })
)

/** For tests without any. */
const noReceivers = Layer.succeed(Receivers, Receivers.of({ open: () => Effect.die("no receiver is expected") }))

/** One process of delivery; its own control log over the shared log. */
export const processLayer = (
  log: Log["Service"],
  store: Store,
  { receivers = noReceivers, ...limits }: Partial<Limits> & { readonly receivers?: Layer.Layer<Receivers> } = {}
) => {
  const secrets = Layer.fresh(Secrets.layer({ masterKey: Redacted.make(new Uint8Array(32)) }))
  const control = Layer.fresh(ControlLog.layer)
  return Delivery.layer({ name: "test" }).pipe(
    Layer.provideMerge(Layer.mergeAll(secrets, control)),
    Layer.provideMerge(Layer.succeed(Log, log)),
    Layer.provide(Layer.mergeAll(store.layer, receivers, plain, memorySpool)),
    Layer.provide(Layer.succeed(DeliveryLimits, { ...defaultLimits, ...limits }))
  )
}

const system = { id: "system", type: "AUTOMATED_WORKER", loginName: "", displayName: "test" } as const
let commands = 0

export const execute = Effect.fnUntraced(function*(command: Command) {
  const control = yield* ControlLog
  return yield* control.execute({
    tailnet,
    commandId: `c${commands++}`,
    eventGroupID: "0".repeat(32),
    origin: "CONFIG_API",
    actor: system,
    at: 0,
    command
  })
})

export const createTailnet = execute({
  _tag: "CreateTailnet",
  tailnetId: "T1CNTRL",
  plan: "enterprise",
  owner: { userId: "u1", loginName: "owner@example.com", displayName: "Owner", role: "owner" },
  apiKey: { keyId: "k1", hash: "0".repeat(64), description: "", expiresAt: 1000 }
})

export const upload = {
  periodMinutes: 1,
  periodSeconds: 60,
  codec: "none",
  keyLayout: "documented",
  emptyWindows: "none"
} as const
export const s3 = {
  _tag: "s3",
  url: "http://store",
  bucket: "b",
  region: "",
  keyPrefix: "",
  accessKeyId: "a",
  addressing: "auto"
} as const

export const createDestination = Effect.fnUntraced(function*(
  id: string,
  options: {
    readonly config?: Partial<typeof s3> | { readonly bucket: string }
    /** Of another type than `s3`. */
    readonly other?: DestinationConfig
    readonly upload?: object
    readonly rules?: Rules
  } = {}
) {
  const log = yield* Log
  const secrets = yield* Secrets
  yield* secrets.put({ tailnet, destination: id, version: "1" }, Redacted.make("secret"))
  const offsets = yield* Effect.forEach(
    Array.from({ length: log.lanes }, (_, lane) => lane),
    (lane) => Effect.map(log.bounds("flow", lane), ({ stable }) => stable)
  )
  yield* execute({
    _tag: "CreateDestination",
    destination: DestinationId.make(id),
    logType: "network",
    name: id,
    config: options.other ?? { ...s3, ...options.config },
    upload: { ...upload, ...options.upload },
    ...options.rules === undefined ? {} : { rules: options.rules },
    secretVersion: "1",
    start: { _tag: "At", offsets }
  })
})

let records = 0
export const record = (size = 0): string =>
  `{"logged":"2026-01-01T00:00:00Z","n":${records++}${size === 0 ? "" : `,"x":"${"x".repeat(size)}"`}}`

export const append = Effect.fnUntraced(
  function*(lane: Lane, values: ReadonlyArray<string>, key: string | null = tailnet) {
    const log = yield* Log
    const entries: ReadonlyArray<Entry> = values.map((value) => ({ key, value: text(value) }))
    yield* log.append("flow", lane, entries)
  }
)

export const ledgerOf = (memory: MemoryLog, lane: Lane): Effect.Effect<ReadonlyArray<LedgerEvent>> =>
  Effect.orDie(
    Effect.forEach(memory.records("ledger", lane), ({ value }) => decodeLedgerEvent(value ?? new Uint8Array()))
  )

export const valuesOf = (memory: MemoryLog, topic: Topic, lane: Lane): ReadonlyArray<string> =>
  memory.records(topic, lane).map(({ value }) => value === null ? "" : new TextDecoder().decode(value))

/** Time passes in steps, so that what wakes in between can go to sleep again. */
export const pass = (seconds: number) =>
  Effect.replicateEffect(TestClock.adjust("1 second"), seconds, { discard: true })

export const makeLog = (lanes = 1) => makeMemoryLog({ lanes })
