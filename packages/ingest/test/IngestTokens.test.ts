import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import { IngestLimits, IngestTokens } from "../src/index.ts"
import { execute, keyOf, receiver, tailnet, token } from "./receiver.ts"

const hashOf = (secret: string) => createHash("sha256").update(secret).digest("hex")
const bearer = (secret: string) => IngestTokens.use((tokens) => tokens.bearer(Redacted.make(secret), "192.0.2.1"))

layer(receiver())("IngestTokens", (it) => {
  it.effect("knows a token as soon as it is made, and no longer than it stands", () =>
    Effect.gen(function*() {
      assert.isUndefined(yield* bearer("fresh"))
      yield* execute(tailnet, {
        _tag: "CreateIngestToken",
        tokenId: "fresh",
        hash: hashOf("fresh"),
        description: "by a test"
      })
      const found = yield* bearer("fresh")
      assert.deepStrictEqual([found?.tailnet.name, found?.as], [tailnet, "ingest-token"])
      yield* execute(tailnet, { _tag: "RevokeIngestToken", tokenId: "fresh" })
      assert.isUndefined(yield* bearer("fresh"))
      assert.strictEqual((yield* bearer(token))?.as, "ingest-token")
    }).pipe(Effect.provide(IngestTokens.layer)))

  it.effect("shows the tailnet as it is now", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* bearer(token))?.tailnet.plan, "enterprise")
      yield* execute(tailnet, { _tag: "ChangePlan", plan: "premium" })
      assert.strictEqual((yield* bearer(token))?.tailnet.plan, "premium")
    }).pipe(Effect.provide(IngestTokens.layer)))

  it.effect("gives an API key its user's role, until it expires", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* bearer(keyOf("auditor")))?.as, "auditor")
      yield* TestClock.setTime(4_000_000_000_000)
      assert.isUndefined(yield* bearer(keyOf("auditor")))
      assert.strictEqual((yield* bearer(token))?.as, "ingest-token")
    }).pipe(Effect.provide(IngestTokens.layer)))

  it.effect("looks for no more than so many unknown secrets of one address in a minute", () =>
    Effect.gen(function*() {
      for (let refusal = 0; refusal < 3; refusal++) assert.isUndefined(yield* bearer(`guess ${refusal}`))
      const error = yield* Effect.flip(bearer("one more"))
      assert.strictEqual(error._tag, "TooManyRefusals")
      const elsewhere = yield* IngestTokens.use((tokens) => tokens.bearer(Redacted.make("guess"), "192.0.2.2"))
      assert.isUndefined(elsewhere)
      yield* TestClock.adjust("1 minute")
      assert.isUndefined(yield* bearer("one more"))
    }).pipe(
      Effect.provide(IngestTokens.layer),
      Effect.provideServiceEffect(
        IngestLimits,
        Effect.map(IngestLimits, (all) => ({ ...all, maxRefusalsPerMinute: 3 }))
      )
    ))
})
