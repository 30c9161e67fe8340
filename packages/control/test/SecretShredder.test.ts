import { assert, layer } from "@effect/vitest"
import { DestinationId, LedgerEvent } from "@tailrace/domain"
import { ControlLog, Secrets } from "@tailrace/event-store"
import { Log, makeMemoryLog } from "@tailrace/log"
import { Effect, Layer, Option, Redacted, Schema } from "effect"
import { TestClock } from "effect/testing"
import { bootstrap, LedgerProjection, SecretShredder } from "../src/index.ts"
import { exampleCom, execute } from "./commands.ts"

const lanes = 2
const destination = DestinationId.make("dst_a")
const encode = Schema.encodeSync(Schema.fromJsonString(LedgerEvent))

const version = (secretVersion: string) => ({
  config: {
    _tag: "s3" as const,
    url: "",
    bucket: "logs",
    region: "",
    keyPrefix: "",
    accessKeyId: "id",
    addressing: "auto" as const
  },
  upload: {
    periodMinutes: 1,
    periodSeconds: 60,
    codec: "zstd" as const,
    keyLayout: "live" as const,
    emptyWindows: "none" as const
  },
  secretVersion
})

const Base = Layer.sync(Log, () => makeMemoryLog({ lanes }).log)
const Core = Layer.mergeAll(
  ControlLog.layer,
  Secrets.layer({ masterKey: Redacted.make(new Uint8Array(32)) }),
  LedgerProjection.layer
).pipe(Layer.provideMerge(Base))

const put = (secretVersion: string) =>
  Effect.flatMap(
    Secrets,
    (secrets) => secrets.put({ tailnet: exampleCom, destination, version: secretVersion }, Redacted.make("secret"))
  )

const isKept = (secretVersion: string) =>
  Effect.flatMap(
    Secrets,
    (secrets) => Effect.map(secrets.get({ tailnet: exampleCom, destination, version: secretVersion }), Option.isSome)
  )

const onLane = (lane: number, event: LedgerEvent) =>
  Effect.flatMap(
    Log,
    (log) => log.append("ledger", lane, [{ key: destination, value: new TextEncoder().encode(encode(event)) }])
  )

/** Long enough for the next look; the key material is made by real promises, which the test's clock does not see. */
const look = TestClock.adjust("11 seconds").pipe(
  Effect.andThen(TestClock.withLive(Effect.sleep("100 millis")))
)

layer(Core)("the shredder", (it) => {
  it.effect("destroys a secret when the last lane is done with it, and never the one in force", () =>
    Effect.gen(function*() {
      yield* bootstrap(Option.none())
      yield* put("s1")
      const start = { _tag: "At" as const, offsets: [0, 0] }
      const create = { _tag: "CreateDestination" as const, destination, logType: "network" as const, name: "a", start }
      yield* execute({ ...create, ...version("s1") })
      yield* put("s2")
      yield* execute({ _tag: "UpdateDestination", destination, ...version("s2") })
      yield* Layer.build(SecretShredder)
      yield* onLane(0, { _tag: "ConfigAdopted", destination, configVersion: 2, at: 0 })
      yield* look
      assert.isTrue(yield* isKept("s1"))
      yield* onLane(1, { _tag: "ConfigAdopted", destination, configVersion: 2, at: 0 })
      yield* look
      assert.isFalse(yield* isKept("s1"))
      assert.isTrue(yield* isKept("s2"))
      yield* execute({ _tag: "DeleteDestination", destination })
      yield* onLane(0, { _tag: "LegClosed", destination, cursor: 0, at: 0 })
      yield* look
      assert.isTrue(yield* isKept("s2"))
      yield* onLane(1, { _tag: "LegClosed", destination, cursor: 0, at: 0 })
      yield* look
      assert.isFalse(yield* isKept("s2"))
    }))
})
