import { assert, describe, it } from "@effect/vitest"
import { TailnetName } from "@tailrace/domain"
import { laneOf, Log, makeMemoryLog, type MemoryLog, topics } from "@tailrace/log"
import { Effect, Layer, Option, Redacted, Result, Scope } from "effect"
import { ControlLog, makeAuditFold, type MasterKey, SecretRandom, Secrets } from "../src/index.ts"
import { by, createDestination, createTailnet, owner, system, tailnet } from "./Commands.ts"

const masterKey = (fill: number): MasterKey => Redacted.make(new Uint8Array(32).fill(fill))

const start = (memory: MemoryLog, key: MasterKey, log = memory.open()) =>
  Effect.gen(function*() {
    const scope = yield* Scope.Scope
    const context = yield* Layer.buildWithScope(Layer.fresh(Secrets.layer({ masterKey: key })), scope).pipe(
      Effect.provideService(Log, log)
    )
    return yield* Effect.provide(Secrets, context)
  })

const ref = { tailnet, destination: "dst_a", version: "v1" }
const plain = "correct-horse-battery-staple"
const lane = laneOf(tailnet, 2)

const stored = (memory: MemoryLog) =>
  topics.flatMap((topic) => [0, 1].flatMap((lane) => [...memory.records(topic, lane)]))

describe("Secrets", () => {
  it.effect("what was put is got back, by another process too, until it is shredded", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const secrets = yield* start(memory, masterKey(1))
      const other = yield* start(memory, masterKey(1))
      assert.isTrue(Option.isNone(yield* secrets.get(ref)))
      yield* secrets.put(ref, Redacted.make(plain))
      assert.strictEqual(Option.getOrThrow(yield* other.get(ref)).pipe(Redacted.value), plain)
      assert.isTrue(Option.isNone(yield* other.get({ ...ref, version: "v2" })))
      yield* other.shred(ref)
      assert.isTrue(Option.isNone(yield* secrets.get(ref)))
      memory.compact("secrets", lane)
      const late = yield* start(memory, masterKey(1))
      assert.isTrue(Option.isNone(yield* late.get(ref)))
    }))

  it.effect("no secret and no key is in the log's bytes", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const secrets = yield* start(memory, masterKey(0x41))
      yield* secrets.put(ref, Redacted.make(plain))
      const context = yield* Layer.build(ControlLog.layer).pipe(Effect.provideService(Log, memory.log))
      const control = yield* Effect.provide(ControlLog, context)
      yield* control.execute(by(system, "c1", createTailnet))
      yield* control.execute(by(owner, "c2", createDestination("a")))
      const audit = makeAuditFold(lane)
      const entries = memory.records("control", lane).flatMap((it) => Result.getOrThrow(audit.apply(it)))
      assert.strictEqual(entries.length, 4)
      yield* memory.log.append("audit", lane, entries)
      const bytes = stored(memory).map(({ key, value }) => `${key} ${Buffer.from(value ?? []).toString("latin1")}`)
      assert.strictEqual(bytes.length, 8)
      const forms = [plain, Buffer.from(plain).toString("base64"), Buffer.from(plain).toString("hex")]
      for (const form of [...forms, "A".repeat(16), Buffer.alloc(32, 0x41).toString("base64")]) {
        assert.notInclude(bytes.join("\n"), form)
      }
    }))

  it.effect("the same secret twice has different ciphertexts; seeded randomness makes them equal", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const secrets = yield* start(memory, masterKey(1))
      yield* secrets.put(ref, Redacted.make(plain))
      yield* secrets.put(ref, Redacted.make(plain))
      const [one, other] = memory.records("secrets", lane).filter(({ key }) => key?.includes("dst_a") === true)
      assert.notDeepEqual(one?.value, other?.value)
      const seeded = () =>
        Effect.gen(function*() {
          const memory = makeMemoryLog({ lanes: 2 })
          const secrets = yield* start(memory, masterKey(1)).pipe(
            Effect.provideService(SecretRandom, (size) => new Uint8Array(size).fill(7))
          )
          yield* secrets.put(ref, Redacted.make(plain))
          return stored(memory).map(({ value }) => value)
        })
      assert.deepStrictEqual(yield* seeded(), yield* seeded())
    }))

  it.effect("another master key is refused at the start, with nothing changed", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const secrets = yield* start(memory, masterKey(1))
      yield* secrets.put(ref, Redacted.make(plain))
      const before = stored(memory).length
      const error = yield* Effect.flip(start(memory, masterKey(2)))
      assert.strictEqual(error._tag, "WrongMasterKey")
      assert.strictEqual(stored(memory).length, before)
      yield* start(memory, masterKey(1))
    }))

  it.effect("of two first starts with different keys one wins, for good, even after compaction", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const inner = memory.open()
      let isFirst = true
      const late = Log.of({
        ...inner,
        append: (...args) => {
          const rival = isFirst ? start(memory, masterKey(1)).pipe(Effect.orDie, Effect.scoped) : Effect.void
          isFirst = false
          return Effect.andThen(rival, inner.append(...args))
        }
      })
      const error = yield* Effect.flip(start(memory, masterKey(2), late))
      assert.strictEqual(error._tag, "WrongMasterKey")
      memory.compact("secrets", 0)
      yield* start(memory, masterKey(1))
      assert.strictEqual((yield* Effect.flip(start(memory, masterKey(2))))._tag, "WrongMasterKey")
    }))

  it.effect("a ciphertext under another name, or changed, is not opened, and the error tells nothing", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const secrets = yield* start(memory, masterKey(1))
      yield* secrets.put(ref, Redacted.make(plain))
      const value = memory.records("secrets", lane).at(-1)?.value ?? null
      const moved = { ...ref, version: "v9" }
      yield* memory.log.append("secrets", lane, [{ key: `${tailnet}/dst_a/v9`, value }])
      const error = yield* Effect.flip(secrets.get(moved))
      assert.strictEqual(error._tag, "LogUnavailable")
      assert.include(error.message, "cannot be opened")
      assert.notInclude(error.message, plain)
      yield* memory.log.append("secrets", lane, [{ key: `${tailnet}/dst_a/v8`, value: new Uint8Array([1, 2]) }])
      yield* Effect.flip(secrets.get({ ...ref, version: "v8" }))
      assert.strictEqual(Option.getOrThrow(yield* secrets.get(ref)).pipe(Redacted.value), plain)
    }))

  it.effect("secrets of many tailnets lie on their lanes", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 2 })
      const secrets = yield* start(memory, masterKey(1))
      for (let n = 0; n < 20; n++) {
        const name = TailnetName.make(`t${n}.example`)
        yield* secrets.put({ ...ref, tailnet: name }, Redacted.make(`s${n}`))
        assert.strictEqual(memory.records("secrets", laneOf(name, 2)).at(-1)?.key, `${name}/dst_a/v1`)
        assert.strictEqual(Redacted.value(Option.getOrThrow(yield* secrets.get({ ...ref, tailnet: name }))), `s${n}`)
      }
    }))

  it.effect("a tailnet's hash key is its own, and the same in every process and release", () =>
    Effect.gen(function*() {
      const hex = (key: Redacted.Redacted<Uint8Array>) => Buffer.from(Redacted.value(key)).toString("hex")
      const memory = makeMemoryLog({ lanes: 2 })
      const secrets = yield* start(memory, masterKey(1))
      // HKDF-SHA-256 without salt, as another implementation (Python's hmac) makes it.
      const known = "531f628c0441b3b0fca3e0e0f8651c0bb7efcd30978856115b47ada82332c2c7"
      assert.strictEqual(hex(secrets.hashKey(tailnet)), known)
      assert.strictEqual(hex((yield* start(memory, masterKey(1))).hashKey(tailnet)), known)
      assert.notStrictEqual(hex(secrets.hashKey(TailnetName.make("example.org"))), known)
      const other = yield* start(makeMemoryLog({ lanes: 2 }), masterKey(2))
      assert.notStrictEqual(hex(other.hashKey(tailnet)), known)
      assert.notInclude(JSON.stringify(secrets.hashKey(tailnet)), known)
    }))
})
