// Table: which URL is asked, as whom, and what cannot be a configuration.
import { assert, describe, it } from "@effect/vitest"
import type { ElasticConfig } from "@tailrace/domain"
import { Result } from "effect"
import { bulkUrl, checkElasticConfig, elasticCredential, elasticTarget } from "../../src/elastic/ElasticEndpoint.ts"

const config = (url: string, more: Partial<ElasticConfig> = {}): ElasticConfig => ({
  _tag: "elastic",
  url,
  scheme: "auto",
  ...more
})

const asked = "filter_path=errors,items.*.status,items.*.error"

describe("the URL", () => {
  it.each([
    ["https://es.test/logs/_bulk", `https://es.test/logs/_bulk?${asked}`],
    ["https://es.test/logs/_bulk?pretty", `https://es.test/logs/_bulk?pretty&${asked}`],
    ["https://es.test/logs/_bulk?", `https://es.test/logs/_bulk?${asked}`],
    ["http://100.71.134.73:80/config-log-datastream", `http://100.71.134.73/config-log-datastream/_bulk?${asked}`],
    ["https://es.test/a/logs/?pretty", `https://es.test/a/logs/_bulk?pretty&${asked}`],
    ["https://es.test/logs_bulk", `https://es.test/logs_bulk/_bulk?${asked}`],
    ["https://es.test/logs/_bulk?filter_path=items", "https://es.test/logs/_bulk?filter_path=items"]
  ])("%s: %s", (given, used) => assert.strictEqual(bulkUrl(config(given)), used))

  it.each(["https://ES.test:443/logs/_bulk?pretty", "https://es.test/logs", "https://es.test/logs/_bulk/"])(
    "%s names the place, however it ends",
    (url) => assert.strictEqual(elasticTarget(config(url)), "elastic https://es.test/logs")
  )
})

describe("the credential", () => {
  const url = "https://es.test/logs/_bulk"
  it.each([
    [{}, "ApiKey key"],
    [{ user: "" }, "ApiKey key"],
    [{ user: "elastic" }, "Basic ZWxhc3RpYzprZXk="],
    [{ user: "elastic", scheme: "apikey" as const }, "ApiKey key"],
    [{ user: "elastic", scheme: "basic" as const }, "Basic ZWxhc3RpYzprZXk="]
  ])("%j: %s", (more, credential) => assert.strictEqual(elasticCredential(config(url, more), "key"), credential))

  it("a key that was typed with its scheme", () =>
    assert.strictEqual(elasticCredential(config(url), "ApiKey key"), "ApiKey key"))
})

describe("what cannot be", () => {
  const why = (given: ElasticConfig) =>
    Result.match(checkElasticConfig(given, []), { onSuccess: () => "", onFailure: ({ message }) => message })
  it.each([
    [config("https://es.test/logs/_bulk?pretty"), ""],
    [config("https://es.test/logs"), ""],
    [config("https://es.test/_bulk"), "url: must end in /<data stream>/_bulk"],
    [config("https://es.test"), "url: must end in /<data stream>/_bulk"],
    [config("http://es.test/logs/_bulk"), "url: a public host needs https"],
    [config("https://es.test/logs/_bulk", { scheme: "basic" }), "user: is needed"],
    [config("https://es.test/logs/_bulk", { user: "a:b" }), "user: must not contain a colon"]
  ])("%j: %s", (given, reason) => assert.isTrue(why(given).startsWith(reason) && (reason !== "" || why(given) === "")))
})
