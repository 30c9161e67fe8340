// Several processes start at once: one tailnet, one key of it, and one process that shows the key.
import { assert, it } from "@effect/vitest"
import { ControlLog } from "@tailrace/event-store"
import { Log, makeMemoryLog, type MemoryLog } from "@tailrace/log"
import { ConfigProvider, Effect, Layer, Option } from "effect"
import { firstTailnet } from "../src/controlling/FirstTailnet.ts"
import { Settings } from "../src/settings/Settings.ts"

const processes = 4

/** Appends take a while, so that everybody has decided before the first of them is there. */
const slow = ({ log }: MemoryLog): Log["Service"] => ({
  ...log,
  append: (topic, lane, entries) => Effect.delay(log.append(topic, lane, entries), "30 millis")
})

/** A process that has folded what is there: each has a fold of its own over the same log. */
const folded = (memory: MemoryLog, env: Record<string, string>) =>
  Layer.build(Layer.merge(Settings.layer("tailrace"), Layer.fresh(ControlLog.layer))).pipe(
    Effect.provideService(Log, slow(memory)),
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))
  )

const firstOf = Effect.gen(function*() {
  const first = yield* firstTailnet
  const control = yield* ControlLog
  yield* control.caughtUp
  return { first, state: control.tailnet(first.tailnet) }
})

const startAll = Effect.fnUntraced(function*(memory: MemoryLog, env: Record<string, string> = {}) {
  const ready = yield* Effect.all(Array.from({ length: processes }, () => folded(memory, env)))
  return yield* Effect.forEach(ready, (context) => Effect.provide(firstOf, context), { concurrency: processes })
}, Effect.scoped)

it.live("only the winner shows its key", () =>
  Effect.gen(function*() {
    const memory = makeMemoryLog({ lanes: 3 })
    const started = yield* startAll(memory)
    assert.strictEqual(started.filter(({ first }) => Option.isSome(first.madeKey)).length, 1)
    assert.strictEqual(new Set(started.map(({ state }) => state?.id)).size, 1)
    for (const { first, state } of yield* startAll(memory)) {
      assert.isTrue(Option.isNone(first.madeKey))
      assert.strictEqual(state?.apiKeys.size, 1)
    }
  }))

it.live("a key that is given later is added once", () =>
  Effect.gen(function*() {
    const memory = makeMemoryLog({ lanes: 3 })
    yield* startAll(memory)
    const env = { TAILRACE_BOOTSTRAP_KEY: `tskey-api-${"n".repeat(30)}` }
    const started = yield* startAll(memory, env)
    assert.isTrue(started.every(({ first }) => Option.isNone(first.madeKey)))
    for (const { state } of yield* startAll(memory, env)) assert.strictEqual(state?.apiKeys.size, 2)
  }))
