// Sessions of a role in virtual time: who asks STS, when, and what is shared. The answers are a function's.
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { AssumeFailure, type AssumeFault } from "../src/aws/AssumeFailure.ts"
import type { AssumeRequest, RoleSession } from "../src/aws/AwsIdentity.ts"
import { makeRoleCredentials } from "../src/aws/RoleCredentials.ts"

const use = { arn: "arn:aws:iam::111111111111:role/logs", externalId: "mine", sessionName: "tailrace" }
const hour = 3_600_000

/** STS with one role: `mode` may be changed while it runs; `log` says with which external ids it was asked. */
const sts = (mode: { fault: AssumeFault | null; open: boolean } = { fault: null, open: false }) => {
  const log: Array<string> = []
  const fail = (fault: AssumeFault) => new AssumeFailure({ fault, message: fault, status: 403, retryAfterMillis: null })
  const assume = Effect.fnUntraced(function*({ externalId }: AssumeRequest) {
    log.push(externalId === use.externalId ? "with" : externalId === undefined ? "without" : "other")
    yield* Effect.sleep("1 second")
    if (mode.fault !== null) return yield* fail(mode.fault)
    if (externalId !== use.externalId && !mode.open) return yield* fail("refused")
    const now = yield* Clock.currentTimeMillis
    const session: RoleSession = {
      accessKeyId: `ASIA${log.length}`,
      secretAccessKey: Redacted.make("s"),
      sessionToken: Redacted.make("t"),
      madeAt: now,
      expiresAt: now + hour
    }
    return session
  })
  return { assume, log, mode }
}

/** Waits in virtual time for what takes seconds. */
const soon = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("5 seconds")
    return yield* Fiber.join(fiber)
  })

describe("the session of a role", () => {
  it.effect("is proved, made once for all, and kept", () =>
    Effect.gen(function*() {
      const { assume, log } = sts()
      const { current } = yield* makeRoleCredentials(use, assume)
      const sessions = yield* soon(Effect.all([current, current, current], { concurrency: "unbounded" }))
      assert.strictEqual(new Set(sessions).size, 1)
      yield* TestClock.adjust("49 minutes")
      assert.strictEqual(yield* current, sessions[0])
      assert.deepStrictEqual(log, ["with", "without", "other"])
    }))

  it.effect("is renewed once, in the background, before it ends", () =>
    Effect.gen(function*() {
      const { assume, log } = sts()
      const { current } = yield* makeRoleCredentials(use, assume)
      const first = yield* soon(current)
      yield* TestClock.adjust("56 minutes")
      assert.deepStrictEqual(yield* Effect.all([current, current]), [first, first])
      yield* TestClock.adjust("2 seconds")
      const second = yield* current
      assert.notStrictEqual(second, first)
      assert.deepStrictEqual(log, ["with", "without", "other", "with"])
    }))

  it.effect("is used for as long as it is good when it cannot be renewed", () =>
    Effect.gen(function*() {
      const { assume, log, mode } = sts()
      const { current } = yield* makeRoleCredentials(use, assume)
      const first = yield* soon(current)
      mode.fault = "unavailable"
      yield* TestClock.adjust("56 minutes")
      for (let second = 0; second < 120; second++) {
        assert.strictEqual(yield* current, first)
        yield* TestClock.adjust("1 second")
      }
      assert.strictEqual(log.length, 3 + 4, "every half minute")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* soon(Effect.flip(current))).fault, "unavailable")
      mode.fault = null
      yield* TestClock.adjust("5 seconds")
      assert.notStrictEqual(yield* soon(current), first)
    }))

  it.effect("has failures that all share for a moment", () =>
    Effect.gen(function*() {
      const { assume, log, mode } = sts({ fault: "refused", open: false })
      const { current } = yield* makeRoleCredentials(use, assume)
      const all = yield* soon(Effect.all([Effect.flip(current), Effect.flip(current)], { concurrency: "unbounded" }))
      assert.deepStrictEqual([all.map(({ fault }) => fault), log], [["refused", "refused"], ["with"]])
      mode.fault = null
      yield* TestClock.adjust("5 seconds")
      yield* soon(current)
    }))

  it.effect("is none when the role can be assumed without the external id", () =>
    Effect.gen(function*() {
      const { current } = yield* makeRoleCredentials(use, sts({ fault: null, open: true }).assume)
      const { fault, message } = yield* soon(Effect.flip(current))
      assert.strictEqual(fault, "open")
      assert.include(message, "\"sts:ExternalId\": \"mine\"")
    }))

  it.effect("is made anew when the service does not take it, unless it is too young to be to blame", () =>
    Effect.gen(function*() {
      const { current, dropped } = yield* makeRoleCredentials(use, sts().assume)
      const first = yield* soon(current)
      yield* dropped(first, "refused")
      assert.strictEqual(yield* current, first)
      yield* dropped(first, "expired")
      const second = yield* soon(current)
      assert.notStrictEqual(second, first)
      yield* TestClock.adjust("1 minute")
      yield* dropped(first, "refused")
      assert.strictEqual(yield* current, second, "the first one says nothing of the second")
      yield* dropped(second, "refused")
      assert.notStrictEqual(yield* soon(current), second)
    }))
})
