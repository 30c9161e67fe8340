// The demo's destinations over restarts: made once, left alone, moved with the S3 server, never brought back.
import { assert, describe, it } from "@effect/vitest"
import { type Command, TailnetName } from "@tailrace/domain"
import { ControlLog, Secrets } from "@tailrace/event-store"
import { LogMemory } from "@tailrace/log"
import { Effect, Layer, Option, Redacted } from "effect"
import { demoDestinations, ensureDemoDestinations, liveDemoDestinations } from "../src/demo/DemoDestinations.ts"
import { DemoStore } from "../src/demo/DemoStore.ts"

const tailnet = TailnetName.make("example.com")
const [audit, flow] = demoDestinations

const store = (port: number, secret = "one") =>
  Effect.provideService(DemoStore, {
    url: `http://127.0.0.1:${port}`,
    folder: "unused",
    identity: { port, accessKeyId: "tailrace-demo", secretAccessKey: Redacted.make(secret) }
  })

const command = (body: Command, commandId: string) =>
  Effect.flatMap(ControlLog, (control) =>
    control.execute({
      tailnet,
      commandId,
      eventGroupID: "0".repeat(32),
      origin: "CONTROL",
      actor: { id: "", type: "AUTOMATED_WORKER", loginName: "", displayName: "test" },
      at: 1,
      command: body
    }))

const tailnetMade = command({
  _tag: "CreateTailnet",
  tailnetId: "T1CNTRL",
  plan: "enterprise",
  owner: { userId: "u1CNTRL", loginName: "owner@example.com", displayName: "Owner", role: "owner" },
  apiKey: { keyId: "k1CNTRL", hash: "a".repeat(64), description: "", expiresAt: 86_400_000 }
}, "c1")

const state = Effect.map(ControlLog, (control) => {
  const found = control.tailnet(tailnet)
  assert.isDefined(found)
  return found
})

const layer = Layer.merge(
  ControlLog.layer,
  Secrets.layer({ masterKey: Redacted.make(new Uint8Array(32).fill(7)) })
).pipe(Layer.provideMerge(LogMemory.layer({ lanes: 2 })), Layer.fresh)

describe("demo destinations", () => {
  it.effect("made once", () =>
    Effect.gen(function*() {
      yield* tailnetMade
      yield* ensureDemoDestinations(tailnet).pipe(store(9_000))
      const first = yield* state
      assert.isTrue(first.settings.networkFlowLoggingOn)
      assert.deepStrictEqual([...first.destinations.keys()], demoDestinations.map(({ id }) => id))
      const made = first.destinations.get(audit.id)
      assert.strictEqual(made?.versions[0]?.config.url, "http://127.0.0.1:9000")
      assert.deepStrictEqual(made?.start, { _tag: "At", offsets: [0, 0] })
      const secret = yield* Secrets.use((secrets) =>
        secrets.get({ tailnet, destination: audit.id, version: made?.versions[0]?.secretVersion ?? "" })
      )
      assert.strictEqual(Option.map(secret, Redacted.value).pipe(Option.getOrNull), "one")

      yield* ensureDemoDestinations(tailnet).pipe(store(9_000))
      assert.strictEqual((yield* state).version, first.version)
    }).pipe(Effect.provide(layer)))

  it.effect("moved with the server, and with new credentials", () =>
    Effect.gen(function*() {
      yield* tailnetMade
      yield* ensureDemoDestinations(tailnet).pipe(store(9_000))
      yield* ensureDemoDestinations(tailnet).pipe(store(9_001))
      yield* ensureDemoDestinations(tailnet).pipe(store(9_001, "two"))
      const versions = (yield* state).destinations.get(flow.id)?.versions
      assert.deepStrictEqual(versions?.map(({ config }) => config.url), [
        "http://127.0.0.1:9000",
        "http://127.0.0.1:9001",
        "http://127.0.0.1:9001"
      ])
      assert.strictEqual(new Set(versions?.map(({ secretVersion }) => secretVersion)).size, 2)
    }).pipe(Effect.provide(layer)))

  it.effect("what a user changed stays: flow logs off, destination deleted", () =>
    Effect.gen(function*() {
      yield* tailnetMade
      yield* ensureDemoDestinations(tailnet).pipe(store(9_000))
      yield* command({ _tag: "ChangeSettings", changes: { networkFlowLoggingOn: false } }, "c2")
      yield* command({ _tag: "DeleteDestination", destination: flow.id }, "c3")
      assert.deepStrictEqual(yield* liveDemoDestinations(tailnet), [audit.id])
      const before = yield* state
      yield* ensureDemoDestinations(tailnet).pipe(store(9_001))
      const after = yield* state
      assert.isFalse(after.settings.networkFlowLoggingOn)
      assert.isTrue(after.destinations.get(flow.id)?.deleted)
      assert.strictEqual(after.version, before.version + 1, "only the other one was moved")
    }).pipe(Effect.provide(layer)))
})
