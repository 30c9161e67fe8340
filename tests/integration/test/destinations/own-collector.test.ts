// Tailrace's own event collector as one more of them: the whole process, sent to as to Splunk by what it sends with.
import { assert, layer } from "@effect/vitest"
import { SplunkConfig } from "@tailrace/domain"
import { Context, Effect, Layer, Schema } from "effect"
import { FetchHttpClient } from "effect/http"
import { ingestToken } from "../../src/app/Apps.ts"
import { askWell } from "../../src/app/Ask.ts"
import { startTailrace, temporaryFolder } from "../../src/app/Tailrace.ts"
import { auditRecord, exported } from "../../src/kill/SampleRecord.ts"
import { deliverAll } from "../../src/receivers/deliverAll.ts"
import { localReceivers, openReceiver } from "../../src/destinations/openReceiver.ts"

class Site extends Context.Service<Site, {
  readonly url: string
  readonly token: string
}>()("@tailrace/test-integration/destinations/Site") {
  static readonly layer = Layer.effect(
    Site,
    Effect.gen(function*() {
      const { url } = yield* startTailrace(yield* temporaryFolder, { TAILRACE_DEMO: "0" })
      return Site.of({ url, token: yield* ingestToken(url) })
    })
  )
}

const site = Site.layer.pipe(Layer.provideMerge(FetchHttpClient.layer), Layer.provideMerge(localReceivers))

/** The API looks for a record where it was appended, about when it was logged. */
const lately = (record: string) => record.replace(/^\{"logged":"[^"]*"/, `{"logged":"${new Date().toISOString()}"`)

const audits = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => lately(exported(auditRecord(`p-${name}-${index}`, index))))

const Page = Schema.fromJsonString(Schema.Struct({ logs: Schema.Array(Schema.Record(Schema.String, Schema.Unknown)) }))

/** What the collector's tailnet has in its log, of this name. */
const arrived = Effect.fnUntraced(function*(name: string) {
  const { url } = yield* Site
  const path = "/api/v2/tailnet/-/logging/configuration?start=2026-01-01T00:00:00Z&end=2100-01-01T00:00:00Z"
  const { logs } = yield* Effect.flatMap(askWell(url, { method: "GET", path }), Schema.decodeEffect(Page))
  return logs.filter(({ eventGroupID }) => String(eventGroupID).startsWith(`p-${name}-`))
})

const opened = Effect.fnUntraced(function*(secret: string, more: Partial<SplunkConfig> = {}) {
  const { url } = yield* Site
  const given = { url: `${url}/services/collector/event`, scheme: "auto", acknowledge: "auto", ...more } as const
  return yield* openReceiver(SplunkConfig.make(given), secret, "audit")
})

layer(site, { excludeTestServices: true, timeout: "60 seconds" })("our own event collector", (it) => {
  it.effect.each([["gzip", {}], ["none", { user: "user" }]] as const)(
    "takes each record once: %s, %o",
    ([codec, more]) =>
      Effect.gen(function*() {
        const receiver = yield* opened((yield* Site).token, more)
        const found = yield* receiver.probe("look")
        if (found._tag !== "Usable") return assert.fail(found.message)
        assert.isFalse(found.capabilities.acknowledges)
        const { refused } = yield* deliverAll(receiver, audits(codec, 200), {
          codec,
          known: found.capabilities,
          parcel: 40
        })
        const records = yield* arrived(codec)
        assert.deepStrictEqual([refused.size, records.length], [0, 200])
        assert.deepInclude(records[0], { eventTime: "2026-06-03T15:34:47.809Z", action: "UPDATE" })
      })
  )

  it.effect("names the record that is none", () =>
    Effect.gen(function*() {
      const receiver = yield* opened((yield* Site).token)
      const texts = audits("parts", 20)
      texts[7] = "{\"logged\":\"2026-06-03T15:35:00Z\",\"eventTime\":\"2026-06-03T15:35:00Z\",\"action\":5}"
      const { refused } = yield* deliverAll(receiver, texts)
      assert.deepStrictEqual([...refused.keys()], [7])
      assert.match(refused.get(7) ?? "", /an audit record needs action, actor and target.* \(code 6\)/)
      assert.strictEqual((yield* arrived("parts")).length, 19)
    }))

  it.effect("knows its tokens", () =>
    Effect.gen(function*() {
      const receiver = yield* opened("tskey-ingest-nobody-0123456789abcdef")
      const found = yield* receiver.probe("look")
      assert.deepInclude(found, { _tag: "Misconfigured", message: "403 Invalid token (code 4)" })
      const { answers } = yield* deliverAll(receiver, audits("never", 1))
      assert.strictEqual(answers[0]?._tag, "Misconfigured")
    }))
})
