/** Each bad input with its exact answer. The message begins with the field, and says what would be right. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { maxBodyBytes } from "../src/http/JsonErrorsLive.ts"
import { s3Body, Server, serverLayer } from "./server.ts"

const stream = "tailnet/-/logging/configuration/stream"
const destinations = "tailnet/-/logging/configuration/destinations"
const period = "uploadPeriodMinutes must be a whole number from 1 to 1440 (0 or absent: 1 minute)"
const seconds = "uploadPeriodSeconds must be a whole number from 5 to 86400"
const types = "s3, gcs, splunk, elastic, panther, cribl, datadog, axiom, crowdstrike; " +
  "other types are put to /tailnet/{tailnet}/logging/{logType}/destinations"
const timeForm = "must be a time such as 2026-01-31T12:00:00Z (RFC 3339)"

const { s3AccessKeyId: _, ...withoutKeyId } = s3Body
const { s3SecretAccessKey: __, ...withoutSecret } = s3Body

interface BadInput {
  readonly what: string
  readonly body?: unknown
  readonly text?: string
  readonly message: string
}

const bad: ReadonlyArray<BadInput> = [
  { what: "malformed JSON", text: "{\"destinationType\":", message: "the body must be valid JSON" },
  { what: "an empty body", text: "", message: "the body must be a JSON object" },
  { what: "a list", body: [], message: "the body must be a JSON object" },
  {
    what: "a wrong type",
    body: { ...s3Body, s3Bucket: 5 },
    message: "s3Bucket must be a text of at most 2048 characters"
  },
  { what: "an unknown field", body: { ...s3Body, s3Buckets: "x" }, message: "s3Buckets is not a known field" },
  { what: "an empty bucket", body: { ...s3Body, s3Bucket: "" }, message: "s3Bucket is required and must not be empty" },
  {
    what: "a bucket that cannot be",
    body: { ...s3Body, s3Bucket: "a/b" },
    message: "s3Bucket must be the name of a bucket: 3 or more letters, digits, dots, hyphens and underscores"
  },
  { what: "period -1", body: { ...s3Body, uploadPeriodMinutes: -1 }, message: period },
  { what: "period 1.5", body: { ...s3Body, uploadPeriodMinutes: 1.5 }, message: period },
  { what: "period 1441", body: { ...s3Body, uploadPeriodMinutes: 1441 }, message: period },
  { what: "a period as text", body: { ...s3Body, uploadPeriodMinutes: "5" }, message: period },
  {
    what: "an unknown compression",
    body: { ...s3Body, compressionFormat: "lz4" },
    message: "compressionFormat must be one of none, zstd, gzip"
  },
  {
    what: "another type",
    body: { ...s3Body, destinationType: "kafka" },
    message: `destinationType must be one of ${types}`
  },
  { what: "no type", body: {}, message: "destinationType is required" },
  {
    what: "a role",
    body: { ...s3Body, s3AuthenticationType: "rolearn", s3RoleArn: "arn:aws:iam::1:role/x" },
    message: "invalid awsExternalId parameter"
  },
  { what: "no key id", body: withoutKeyId, message: "s3AccessKeyId is required and must not be empty" },
  { what: "no secret at first", body: withoutSecret, message: "s3SecretAccessKey is required and must not be empty" },
  {
    what: "plain HTTP to a public host",
    body: { ...s3Body, url: "http://8.8.8.8" },
    message:
      "url is refused: a public host needs https:// (plain http:// is only for addresses that the operator allows)"
  },
  {
    what: "a private address",
    body: { ...s3Body, url: "https://10.0.0.1" },
    message: "url is refused: 10.0.0.1 is a private address, and not in a range that the operator allows"
  },
  { what: "no URL", body: { ...s3Body, url: "bucket" }, message: "url is refused: is not a URL" },
  {
    what: "two mistakes",
    body: { ...s3Body, uploadPeriodMinutes: 1441, nope: true },
    message: `nope is not a known field; ${period}`
  }
]

layer(serverLayer(), { excludeTestServices: true })("bad input", (it) => {
  it.effect.each([...bad])("of a stream: $what", ({ message, ...sent }) =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const { what: _what, ...body } = sent
      assert.deepInclude(yield* ask("PUT", stream, body), { status: 400, type: "application/json", body: { message } })
    }))

  it.effect.each([
    { field: { uploadPeriodSeconds: 4 }, message: seconds },
    { field: { uploadPeriodSeconds: 86_401 }, message: seconds },
    {
      field: { uploadPeriodSeconds: 30 },
      message: "uploadPeriodSeconds contradicts uploadPeriodMinutes: give one of them"
    },
    { field: { keyLayout: "flat" }, message: "keyLayout must be one of documented, live" },
    { field: { emptyWindows: "file" }, message: "emptyWindows must be one of none, zero-byte, manifest" },
    { field: { addressing: "dns" }, message: "addressing must be one of auto, path, virtual" },
    {
      field: { startAt: "yesterday" },
      message: "startAt must be \"now\", \"earliest\" or a time such as 2026-01-31T12:00:00Z (RFC 3339)"
    }
  ])("of a destination: $field", ({ field, message }) =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const answer = yield* ask("POST", destinations, { body: { ...s3Body, ...field } })
      assert.deepInclude(answer, { status: 400, body: { message } })
    }))

  it.effect("of other endpoints", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const message = (text: string) => ({ status: 400, type: "application/json", body: { message: text } })
      const logs = "tailnet/-/logging/network"
      assert.deepInclude(yield* ask("GET", `${logs}?end=2026-01-01T00:00:00Z`), message("start is required"))
      assert.deepInclude(yield* ask("GET", `${logs}?start=x&end=2026-01-01T00:00:00Z`), message(`start ${timeForm}`))
      const reversed = `${logs}?start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z`
      assert.deepInclude(yield* ask("GET", reversed), message("end must not be before start"))
      const days = { devicesKeyDurationDays: 181 }
      assert.deepInclude(
        yield* ask("PATCH", "tailnet/-/settings", { body: days }),
        message("devicesKeyDurationDays must be a whole number from 1 to 180")
      )
      assert.deepInclude(
        yield* ask("PATCH", "tailnet/-/settings", { body: { networkFlowLoggingOn: "yes" } }),
        message("networkFlowLoggingOn must be true or false")
      )
      assert.deepInclude(
        yield* ask("POST", "tailnet/-/keys", { body: { expirySeconds: 90 * 86_400 + 1 } }),
        message("expirySeconds must be a whole number from 0 to 7776000 (0 or absent: 90 days)")
      )
      assert.deepInclude(
        yield* ask("POST", "tailnets", { body: { name: "UPPER" } }),
        message("name must be a name such as example.com: lower-case letters, digits, dots, @, _ and -")
      )
    }))

  it.effect("of the wrong type or size", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const xml = yield* ask("PUT", stream, { text: "<x/>", contentType: "text/xml" })
      assert.deepInclude(xml, {
        status: 415,
        type: "application/json",
        body: { message: "the body must be JSON: send Content-Type: application/json" }
      })
      const large = yield* ask("PUT", stream, { text: `{"url":"${"x".repeat(maxBodyBytes)}"}` })
      assert.deepInclude(large, { status: 413, body: { message: `the body is larger than ${maxBodyBytes} bytes` } })
      const curl = { text: JSON.stringify(s3Body), contentType: "application/x-www-form-urlencoded" }
      assert.strictEqual((yield* ask("PUT", stream, curl)).status, 200)
    }))
})
