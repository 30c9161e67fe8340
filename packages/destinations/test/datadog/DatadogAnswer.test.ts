// Table: the answers of the logs intake's documentation, and where a key is asked about.
import { assert, describe, it } from "@effect/vitest"
import { datadogAnswer } from "../../src/datadog/DatadogAnswer.ts"
import { datadogTarget, validateUrl } from "../../src/datadog/DatadogEndpoint.ts"
import { reading, response } from "../http/answers.ts"

describe("answers", () => {
  it.each([
    [202, "{}", "Accepted"],
    [400, "{\"errors\":[{\"detail\":\"Invalid JSON\"}]}", "TooLarge"],
    [401, "{\"errors\":[{\"status\":\"401\",\"title\":\"Unauthorized\"}]}", "Misconfigured"],
    [403, "{\"errors\":[{\"status\":\"403\",\"title\":\"Forbidden\"}]}", "Misconfigured"],
    [408, "{}", "Transient"],
    [413, "{\"errors\":[{\"detail\":\"Payload too large\"}]}", "TooLarge"],
    [429, "{}", "Transient"],
    [500, "{}", "Transient"],
    [503, "<html>busy</html>", "Transient"]
  ])("%i %s: %s", (status, body, tag) => assert.strictEqual(datadogAnswer(response(status, body), reading)._tag, tag))
})

const config = (url: string) => ({ _tag: "datadog", url } as const)

describe("where a key is asked about", () => {
  it.each([
    ["https://http-intake.logs.datadoghq.com/api/v2/logs", "https://api.datadoghq.com/api/v1/validate"],
    ["https://http-intake.logs.us5.datadoghq.com/api/v2/logs?a=b", "https://api.us5.datadoghq.com/api/v1/validate"],
    ["http://http-intake.logs.test:8080/x", "http://api.test:8080/api/v1/validate"],
    ["https://vector.example.com/api/v2/logs", null]
  ])("%s: %s", (url, asked) => assert.strictEqual(validateUrl(config(url)), asked))
})

it("the same place, whatever the query", () => {
  const target = datadogTarget(config("https://http-intake.logs.datadoghq.com/api/v2/logs"))
  assert.strictEqual(target, "datadog https://http-intake.logs.datadoghq.com/api/v2/logs")
  assert.strictEqual(datadogTarget(config("https://HTTP-intake.logs.datadoghq.com:443/api/v2/logs/?dd=1")), target)
})
