// When a token is asked for, and by how many at a time: in virtual time, without any connection.
import { assert, describe, it } from "@effect/vitest"
import { Answer } from "@tailrace/domain"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Agent as HttpAgent } from "node:http"
import { Agent as HttpsAgent } from "node:https"
import { lifetime, type TokenFailure } from "../../src/gcs/token/AccessToken.ts"
import { accessTokens } from "../../src/gcs/token/AccessTokens.ts"

const failing = (tag: "Transient" | "Misconfigured"): TokenFailure =>
  tag === "Transient"
    ? Answer.cases.Transient.make({ message: "no", status: 503, retryAfterMillis: null, maybeStored: false })
    : Answer.cases.Misconfigured.make({ message: "no", status: 400 })

/** Tokens `t1`, `t2` … of an hour, each a second after it was asked for. */
const issuer = (seconds = 3_600) => {
  const state: { asked: number; fails: TokenFailure | undefined } = { asked: 0, fails: undefined }
  const agents = { http: new HttpAgent(), https: new HttpsAgent() }
  const source = (identity: string) => ({
    identity,
    secrets: [],
    fetch: Effect.gen(function*() {
      state.asked += 1
      const name = `t${state.asked}`
      yield* Effect.sleep("1 second")
      if (state.fails !== undefined) return yield* Effect.fail(state.fails)
      return lifetime(name, seconds, yield* Clock.currentTimeMillis)
    })
  })
  const open = (identity = "one") => accessTokens(agents, source(identity))
  return { state, open }
}

const soon = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("5 seconds")
    return yield* Fiber.join(fiber)
  })

describe("access tokens", () => {
  it.effect("one is asked for, however many wait for it, from whichever store", () =>
    Effect.gen(function*() {
      const { open, state } = issuer()
      const all = Array.from({ length: 20 }, () => open().get)
      const tokens = yield* soon(Effect.all(all, { concurrency: "unbounded" }))
      assert.deepStrictEqual(new Set(tokens.map(({ value }) => value)), new Set(["t1"]))
      assert.strictEqual(state.asked, 1)
      assert.strictEqual((yield* soon(open("two").get)).value, "t2")
    }))

  it.effect("it is renewed five minutes before its end", () =>
    Effect.gen(function*() {
      const { open } = issuer()
      assert.strictEqual((yield* soon(open().get)).value, "t1")
      yield* TestClock.adjust("54 minutes")
      assert.strictEqual((yield* open().get).value, "t1")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* soon(open().get)).value, "t2")
    }))

  it.effect("one that lives for a minute is renewed after three quarters of it", () =>
    Effect.gen(function*() {
      const { open } = issuer(60)
      assert.strictEqual((yield* soon(open().get)).value, "t1")
      yield* TestClock.adjust("35 seconds")
      assert.strictEqual((yield* open().get).value, "t1")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* soon(open().get)).value, "t2")
    }))

  it.effect("a renewal that fails in passing leaves the old one until its end", () =>
    Effect.gen(function*() {
      const { open, state } = issuer()
      yield* soon(open().get)
      yield* TestClock.adjust("56 minutes")
      state.fails = failing("Transient")
      assert.strictEqual((yield* soon(open().get)).value, "t1")
      yield* TestClock.adjust("4 minutes")
      assert.deepStrictEqual(yield* soon(Effect.flip(open().get)), failing("Transient"))
      state.fails = failing("Misconfigured")
      assert.deepStrictEqual(yield* soon(Effect.flip(open().get)), failing("Misconfigured"))
    }))

  it.effect("of many who were refused the same token, one asks for the next", () =>
    Effect.gen(function*() {
      const { open, state } = issuer()
      const stale = yield* soon(open().get)
      const renewals = Array.from({ length: 5 }, () => open().renew(stale))
      const tokens = yield* soon(Effect.all(renewals, { concurrency: "unbounded" }))
      assert.deepStrictEqual(new Set(tokens.map(({ value }) => value)), new Set(["t2"]))
      assert.strictEqual(state.asked, 2)
    }))

  it.effect("who is interrupted while asking takes nobody with it", () =>
    Effect.gen(function*() {
      const { open } = issuer()
      const first = yield* Effect.forkChild(open().get)
      yield* TestClock.adjust("500 millis")
      const second = yield* Effect.forkChild(open().get)
      yield* TestClock.adjust("100 millis")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual((yield* Fiber.join(second)).value, "t2")
    }))
})
