// What somebody reads who gets it wrong: the real process over HTTP; the tables behind it are tested by control and
// ingest. Nothing that was refused leaves a trace, and no secret shows in what the process prints.
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { FetchHttpClient } from "effect/http"
import { ask, askWell } from "../src/app/Ask.ts"
import type { Program } from "../src/app/Program.ts"
import { startTailrace, temporaryFolder } from "../src/app/Tailrace.ts"
import { type Given, ofIngest, ofTheApi, secret } from "../src/bad-input/cases.ts"

const Made = Schema.fromJsonString(Schema.Struct({
  id: Schema.optionalKey(Schema.String),
  key: Schema.optionalKey(Schema.String),
  token: Schema.optionalKey(Schema.String)
}))

const make = Effect.fnUntraced(function*(url: string, path: string, body: object) {
  const text = yield* askWell(url, { method: "POST", path: `/api/v2/${path}`, body: JSON.stringify(body) })
  return yield* Effect.orDie(Schema.decodeEffect(Made)(text))
})

const give = Effect.fnUntraced(function*(url: string) {
  const { id: userId } = yield* make(url, "tailnet/-/users", { loginName: "eve@example.com", role: "auditor" })
  const { key: auditor = "" } = yield* make(url, "tailnet/-/keys", { userId })
  const { token = "" } = yield* make(url, "tailnet/-/ingest-tokens", {})
  const { key: starterOwner = "" } = yield* make(url, "tailnets", { name: "small.example.com", plan: "starter" })
  const given: Given = { auditor, token, starterOwner }
  return given
})

class Site extends Context.Service<Site, {
  readonly program: Program
  readonly url: string
  readonly given: Given
}>()("@tailrace/test-integration/bad-input/Site") {
  static readonly layer = Layer.effect(
    Site,
    Effect.gen(function*() {
      const { program, url } = yield* startTailrace(yield* temporaryFolder, { TAILRACE_DEMO: "0" })
      return Site.of({ program, url, given: yield* give(url) })
    })
  )
}

const site = Site.layer.pipe(Layer.provideMerge(FetchHttpClient.layer))

layer(site, { excludeTestServices: true, timeout: "60 seconds" })("bad input to the real process", (it) => {
  it.effect.each([...ofTheApi, ...ofIngest])("$what", ({ body, sent, status }) =>
    Effect.gen(function*() {
      const { given, url } = yield* Site
      const reply = Option.getOrUndefined(yield* ask(url, sent(given)))
      assert.deepStrictEqual({ status: reply?.status, body: JSON.parse(reply?.text || "null") }, { status, body })
    }))

  it.effect("left no trace", () =>
    Effect.gen(function*() {
      const { program, url } = yield* Site
      const logging = "/api/v2/tailnet/-/logging/configuration"
      const list = yield* askWell(url, { method: "GET", path: `${logging}/destinations` })
      assert.strictEqual(list, "{\"destinations\":[]}")
      const path = `${logging}?start=2026-01-01T00:00:00Z&end=2100-01-01T00:00:00Z`
      const logged = yield* askWell(url, { method: "GET", path })
      assert.include(logged, "the role auditor may not do this")
      assert.notInclude(logged, "\"eventGroupID\":\"e1\"")
      assert.notInclude(program.stdout() + program.stderr(), secret)
    }))
})
