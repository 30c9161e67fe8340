// The whole way of a role, through the real process and its API: an external id, the check of the trust policy, the
// stream's PUT, objects, sessions that end, roles that are changed within their account, refused and given back.
import { NodeHttpClient } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { ask, askWell } from "../src/app/Ask.ts"
import { cli, startTailrace, temporaryFolder } from "../src/app/Tailrace.ts"
import { eventually } from "../src/eventually.ts"
import type { Bucket } from "../src/s3/Bucket.ts"
import {
  account,
  operator,
  roleOf,
  type RoleSite,
  startRoleSite,
  trusting,
  trustingAnybody
} from "../src/s3/RoleSite.ts"
import { bucketName } from "../src/s3/S3Site.ts"

const seconds = 120_000
const ids = "/api/v2/tailnet/-/aws-external-id"
const stream = "/api/v2/tailnet/-/logging/configuration/stream"
const destinations = "/api/v2/tailnet/-/logging/configuration/destinations"
const [logs, other, foreign] = [roleOf("logs"), roleOf("path/other"), roleOf("logs", "222222222222")]

const settings = ({ sts }: RoleSite) => ({
  TAILRACE_DEMO: "0",
  TAILRACE_ALLOW_ENDPOINTS: "127.0.0.0/8",
  TAILRACE_AWS_ACCOUNT_ID: account,
  TAILRACE_AWS_ACCESS_KEY_ID: operator.key.accessKeyId,
  TAILRACE_AWS_SECRET_ACCESS_KEY: operator.key.secretAccessKey,
  TAILRACE_STS_ENDPOINT: sts.url,
  TAILRACE_RETRY_FIRST: "100 millis",
  TAILRACE_RETRY_LONGEST: "1 second",
  TAILRACE_PROBE_FIRST: "1 second",
  TAILRACE_PROBE_LONGEST: "1 second"
})

const post = (path: string, body: object) => ({ method: "POST" as const, path, body: JSON.stringify(body) })
const put = (path: string, body: object) => ({ method: "PUT" as const, path, body: JSON.stringify(body) })

/** Status, and the message if there is one. */
const outcome = Effect.fnUntraced(function*(url: string, request: Parameters<typeof ask>[1]) {
  const reply = Option.getOrThrow(yield* ask(url, request))
  return [reply.status, reply.text === "" ? "" : String(JSON.parse(reply.text).message)] as const
})

/** A new external id is one record in the audit log, and so one line of the stream. */
const mark = Effect.fnUntraced(function*(url: string, reusable = false) {
  const answer = JSON.parse(yield* askWell(url, post(ids, { reusable })))
  assert.strictEqual(answer.tailscaleAwsAccountId, account)
  return String(answer.externalId)
})

/** The external ids whose making is in the objects, in order. */
const delivered = Effect.fnUntraced(function*(bucket: Bucket) {
  const keys = (yield* bucket.keys()).filter((key) => !key.includes("canary"))
  const bodies = yield* Effect.forEach(keys, (key) => bucket.get(key))
  const lines = bodies.flatMap((body) => Buffer.from(body).toString("utf8").split("\n").filter((line) => line !== ""))
  return lines.map((line) => JSON.parse(line)).filter(({ action, target }) =>
    action === "CREATE" && target.property === "AWS_EXTERNAL_ID"
  ).map((record) => String(record.new.externalId))
})

const allDelivered = (bucket: Bucket, marks: ReadonlyArray<string>) =>
  eventually(delivered(bucket), {
    what: "every record once",
    seconds: 20,
    holds: (found) => JSON.stringify(found) === JSON.stringify(marks)
  })

/** What an owner is told while the role is being made, until it is right. */
const makeRole = Effect.fnUntraced(function*({ sts }: RoleSite, url: string) {
  const externalId = yield* mark(url, true)
  const { stdout } = yield* cli(url, ["aws-role", "external-id"])
  assert.deepStrictEqual(JSON.parse(stdout), { externalId, tailscaleAwsAccountId: account })
  const validate = outcome(url, post(`${ids}/${externalId}/validate-aws-trust-policy`, { roleArn: logs }))
  assert.match(String(yield* validate), /^422,AWS does not let Tailrace assume the role: .*is not authorized/)
  sts.roles.set(logs, trustingAnybody)
  assert.match(String(yield* validate), /^422,the role can be assumed without the external id/)
  sts.answerAll("ServiceUnavailable")
  assert.strictEqual((yield* validate)[0], 502)
  sts.answerAll(undefined)
  sts.roles.set(logs, trusting(externalId)).set(other, trusting(externalId)).set(foreign, trusting(externalId))
  assert.deepStrictEqual(yield* validate, [200, ""])
  assert.strictEqual((yield* cli(url, ["aws-role", "check", externalId, logs])).code, 0)
  assert.strictEqual((yield* cli(url, ["aws-role", "check", externalId, roleOf("unknown")])).code, 1)
  return externalId
})

/** Puts the stream, and gives it a short period by our own call. */
const putStream = Effect.fnUntraced(function*({ s3Url }: RoleSite, url: string, externalId: string) {
  const body = {
    destinationType: "s3",
    url: s3Url,
    s3Bucket: bucketName,
    s3Region: "us-west-2",
    s3AuthenticationType: "rolearn",
    s3RoleArn: logs
  }
  const invalid: readonly [number, string] = [400, "invalid awsExternalId parameter"]
  assert.deepStrictEqual(yield* outcome(url, put(stream, body)), invalid)
  assert.deepStrictEqual(yield* outcome(url, put(stream, { ...body, s3ExternalId: "other" })), invalid)
  const withId = { ...body, s3ExternalId: externalId }
  assert.deepStrictEqual(yield* outcome(url, put(stream, withId)), [200, ""])
  const [{ id }] = JSON.parse(yield* askWell(url, { method: "GET", path: destinations })).destinations
  const path = `/api/v2/tailnet/-/destinations/${id}`
  const often = { ...withId, compressionFormat: "none", uploadPeriodSeconds: 5 }
  yield* askWell(url, put(path, often))
  assert.include(yield* askWell(url, post(`${path}/test`, {})), "\"ok\":true")
  return { id: String(id), path, often, withId }
})

/** Waits until the destination says that it is suspended. */
const suspension = (url: string, path: string) =>
  eventually(Effect.map(askWell(url, { method: "GET", path: `${path}/status` }), JSON.parse), {
    what: "the suspension",
    seconds: 20,
    holds: ({ state }) => state === "suspended"
  })

it.live("a stream with a role, from its external id to its end", () =>
  Effect.gen(function*() {
    const site = yield* startRoleSite({ sessionMillis: 8_000 })
    const { bucket, sts } = site
    const { program, url } = yield* startTailrace(yield* temporaryFolder, settings(site))
    const externalId = yield* makeRole(site, url)
    const { id, often, path, withId } = yield* putStream(site, url, externalId)

    const marks: Array<string> = []
    for (let second = 0; second < 16; second++) {
      marks.push(yield* mark(url))
      yield* Effect.sleep("1 second")
    }
    yield* allDelivered(bucket, marks)
    assert.isAtLeast(sts.issued.filter(({ roleArn }) => roleArn === logs).length, 4, "checks, and a session each 8 s")
    const names = new Set(sts.issued.map(({ sessionName }) => sessionName))
    assert.deepStrictEqual([...names], ["tailrace@validate", `tailrace@example.com@${id}`])

    yield* askWell(url, put(path, { ...often, s3RoleArn: other }))
    const [status, message] = yield* outcome(url, put(stream, { ...withId, s3RoleArn: foreign }))
    assert.strictEqual(status, 400)
    assert.match(message, /^s3RoleArn is a role of the AWS account 222222222222.*delete the destination and create it/)
    marks.push(yield* mark(url))
    yield* allDelivered(bucket, marks)
    assert.strictEqual(sts.issued.at(-1)?.roleArn, other)

    sts.roles.clear()
    sts.expireAll()
    marks.push(yield* mark(url))
    const suspended = yield* suspension(url, path)
    assert.match(suspended.lastError, /^AWS does not let Tailrace assume the role: HTTP 403 AccessDenied: User: /)
    sts.roles.set(other, trusting(externalId))
    yield* allDelivered(bucket, marks)

    program.signal("SIGTERM")
    const { code, stderr, stdout } = yield* program.ended
    assert.strictEqual(code, 0)
    const secrets = [operator.key.secretAccessKey, ...sts.issued.flatMap((it) => [it.secretAccessKey, it.sessionToken])]
    for (const secret of secrets) assert.notInclude(stdout + stderr + JSON.stringify(suspended), secret)
  }).pipe(Effect.provide(NodeHttpClient.layerUndici)), seconds)
