// Stores with an AWS role: the real client of STS against an emulator with real trust policies, objects in a server
// that takes the credentials. What each answer of STS means to the leg.
import { assert, describe, it } from "@effect/vitest"
import { AwsIdentity, type AwsOperator, Guard, loopback, ObjectStores, ObjectStoresLive } from "@tailrace/destinations"
import type { S3Config } from "@tailrace/domain"
import { Effect, Layer, Option, Redacted } from "effect"
import { startSts, type Sts } from "../src/emulators/sts/Sts.ts"
import { eventually } from "../src/eventually.ts"
import {
  account,
  operator,
  roleOf,
  startRoleSite,
  trusting,
  trustingAnybody,
  trustingAnyId
} from "../src/s3/RoleSite.ts"
import { configFor } from "../src/s3/S3Site.ts"

const externalId = "60fe9ce7-7791-4ab3-ab34-4294f5972725"
const logs = roleOf("logs")
const owner = { tailnet: "example.com", destination: "dst_1" }

const identityOf = (stsEndpoint: string, secret = operator.key.secretAccessKey): AwsOperator => ({
  account,
  keys: {
    accessKeyId: operator.key.accessKeyId,
    secretAccessKey: Redacted.make(secret),
    sessionToken: Option.none()
  },
  stsEndpoint
})

const roleConfig = (url: string, arn = logs): S3Config =>
  configFor(url, { accessKeyId: "", region: "us-west-2", role: { arn, externalId } })

/** The production layers; `AwsIdentity` and the stores see the same guard. */
const live = (aws: AwsOperator, allowed = loopback) =>
  ObjectStoresLive.pipe(Layer.provideMerge(AwsIdentity.layer(aws)), Layer.provide(Guard.layer(allowed)))

const openWith = Effect.fnUntraced(function*(aws: AwsOperator, config: S3Config) {
  const context = yield* Layer.build(live(aws))
  return yield* Effect.provide(
    Effect.flatMap(ObjectStores, (stores) => stores.open(config, Redacted.make(""), owner)),
    context
  )
})

let objects = 0
const object = () => ({
  key: `object-${++objects}`,
  body: new TextEncoder().encode("{}\n"),
  contentType: "application/x-ndjson",
  metadata: { seal: "s1" },
  onlyIfAbsent: true
})

const proveWith = Effect.fnUntraced(function*(aws: AwsOperator, allowed = loopback) {
  const context = yield* Layer.build(live(aws, allowed))
  const roles = Option.getOrThrow(yield* Effect.provide(AwsIdentity, context))
  return yield* roles.prove({ arn: logs, externalId, sessionName: "tailrace" }).pipe(
    Effect.match({ onSuccess: () => "proved", onFailure: ({ fault, message }) => `${fault}: ${message}` })
  )
})

/** The whole sentence that an owner reads. */
const awsRefuses = new RegExp(
  "^refused: AWS does not let Tailrace assume the role: HTTP 403 AccessDenied: User: " +
    "arn:aws:iam::891612552178:user/tailrace is not authorized to perform: sts:AssumeRole on resource: " +
    "arn:aws:iam::111111111111:role/logs$"
)

describe("proving a role", () => {
  const cases: ReadonlyArray<readonly [what: string, prepare: (sts: Sts) => void, expected: RegExp]> = [
    ["with and only with the id", (sts) => sts.roles.set(logs, trusting(externalId)), /^proved$/],
    ["without the condition", (sts) => sts.roles.set(logs, trustingAnybody), /^open: the role can be assumed without/],
    ["with any id", (sts) => sts.roles.set(logs, trustingAnyId), /^open: the role can be assumed without/],
    [
      "with another id",
      (sts) => sts.roles.set(logs, trusting("other")),
      awsRefuses
    ],
    ["that does not exist", () => undefined, /^refused: /],
    ["that trusts another account", (sts) =>
      sts.roles.set(logs, {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { AWS: "123456789012" }, Action: "sts:AssumeRole" }]
      }), /^refused: /],
    [
      "while STS throttles",
      (sts) => sts.answerAll("Throttling"),
      /^unavailable: .*HTTP 400 Throttling: Rate exceeded$/
    ],
    ["while STS is down", (sts) => sts.answerAll("ServiceUnavailable"), /^unavailable: .*HTTP 503 ServiceUnavailable/],
    ["with our key expired", (sts) => sts.answerAll("ExpiredToken"), /^operator: .*HTTP 403 ExpiredToken/],
    ["with a page", (sts) => sts.answerAll({ status: 200, body: "<html>Welcome</html>" }), /^unavailable: /],
    ["with garbage", (sts) => sts.answerAll({ status: 200, body: "{]" }), /^unavailable: /],
    [
      "with a gateway's page",
      (sts) => sts.answerAll({ status: 502, body: "<html>Bad Gateway</html>" }),
      /^unavailable: /
    ],
    ["with a redirect", (sts) => sts.answerAll({ status: 302, body: "" }), /^unavailable: /],
    ["with no credentials", (sts) =>
      sts.answerAll({
        status: 200,
        body: "<AssumeRoleResponse><AssumeRoleResult></AssumeRoleResult></AssumeRoleResponse>"
      }), /^unavailable: .*the answer holds no credentials$/]
  ]
  it.live.each(cases)("%s", ([, prepare, expected]) =>
    Effect.gen(function*() {
      const sts = yield* startSts(operator)
      prepare(sts)
      assert.match(yield* proveWith(identityOf(sts.url)), expected)
    }))

  it.live("with our secret wrong: the operator's affair, and the secret is not told", () =>
    Effect.gen(function*() {
      const sts = yield* startSts(operator)
      const found = yield* proveWith(identityOf(sts.url, "wrong-secret-0123456789"))
      assert.match(found, /^operator: .*SignatureDoesNotMatch/)
      assert.notInclude(found, "wrong-secret")
    }))

  it.live("passes the guard: a private STS only where the operator allows it", () =>
    Effect.gen(function*() {
      const sts = yield* startSts(operator)
      assert.match(yield* proveWith(identityOf(sts.url), []), /^operator: .*127\.0\.0\.1 is a loopback address/)
      assert.strictEqual(sts.asked.length, 0)
    }))

  it.live("while nothing listens", () =>
    Effect.gen(function*() {
      assert.match(yield* proveWith(identityOf("http://127.0.0.1:1")), /^unavailable: .*ECONNREFUSED/)
    }))
})

describe("a store with a role", () => {
  it.live("stores with a session that names its tailnet, and asks STS once", () =>
    Effect.gen(function*() {
      const { bucket, s3Url, sts } = yield* startRoleSite()
      sts.roles.set(logs, trusting(externalId))
      const store = yield* openWith(identityOf(sts.url), roleConfig(s3Url))
      const put = object()
      assert.deepStrictEqual([(yield* store.put(put))._tag, (yield* store.put(put))._tag], ["Delivered", "Taken"])
      assert.deepStrictEqual(yield* store.inspect(put.key), { _tag: "Found", seal: "s1" })
      assert.deepStrictEqual(yield* bucket.keys(), [put.key])
      const [first, ...others] = sts.asked
      const sessionName = "tailrace@example.com@dst_1"
      assert.deepStrictEqual(first, { roleArn: logs, externalId, sessionName, seconds: 3600, granted: true })
      assert.deepStrictEqual(others.map(({ externalId, granted }) => [externalId === undefined, granted]), [
        [true, false],
        [false, false]
      ])
    }))

  it.live("renews its session before it ends", () =>
    Effect.gen(function*() {
      const { s3Url, sts } = yield* startRoleSite({ sessionMillis: 5_000 })
      sts.roles.set(logs, trusting(externalId))
      const store = yield* openWith(identityOf(sts.url), roleConfig(s3Url))
      const answers = yield* Effect.forEach(Array.from({ length: 80 }), () =>
        Effect.andThen(Effect.sleep("100 millis"), store.put(object())))
      assert.deepStrictEqual([
        ...new Set(answers.map(({ _tag }) =>
          _tag
        ))
      ], ["Delivered"])
      assert.isAtLeast(sts.issued.length, 2)
      assert.isAtMost(sts.issued.length, 4)
    }), 20_000)

  it.live("takes a session that has ended for a passing fault, and another one for the next request", () =>
    Effect.gen(function*() {
      const { s3Url, sts } = yield* startRoleSite()
      sts.roles.set(logs, trusting(externalId))
      const store = yield* openWith(identityOf(sts.url), roleConfig(s3Url))
      assert.strictEqual((yield* store.put(object()))._tag, "Delivered")
      sts.expireAll()
      const ended = yield* store.put(object())
      assert.deepInclude(ended, { _tag: "Transient", status: 400, maybeStored: false })
      assert.match(ended._tag === "Transient" ? ended.message : "", /ExpiredToken: The provided token has expired/)
      assert.strictEqual((yield* store.put(object()))._tag, "Delivered")
      assert.strictEqual(sts.issued.length, 2)
    }))

  it.live(
    "is misconfigured while AWS refuses the role, in AWS's words, and works when it does no more",
    () =>
      Effect.gen(function*() {
        const { s3Url, sts } = yield* startRoleSite()
        const store = yield* openWith(identityOf(sts.url), roleConfig(s3Url))
        const refused = yield* store.put(object())
        assert.deepInclude(refused, { _tag: "Misconfigured", status: 403 })
        sts.roles.set(logs, trustingAnybody)
        yield* Effect.sleep("5.1 seconds")
        const open = yield* store.put(object())
        assert.strictEqual(open._tag, "Misconfigured")
        assert.match(open._tag === "Misconfigured" ? open.message : "", /can be assumed without the external id/)
        sts.roles.set(logs, trusting(externalId))
        const works = yield* eventually(store.put(object()), {
          what: "a delivery",
          seconds: 8,
          holds: ({ _tag }) => _tag === "Delivered"
        })
        assert.strictEqual(works._tag, "Delivered")
      }),
    30_000
  )

  it.live("waits for STS: throttled, nothing is stored and nobody is suspended", () =>
    Effect.gen(function*() {
      const { s3Url, sts } = yield* startRoleSite()
      sts.answerAll("Throttling")
      const store = yield* openWith(identityOf(sts.url), roleConfig(s3Url))
      assert.deepInclude(yield* store.put(object()), { _tag: "Transient", status: 400, maybeStored: false })
      const inspected = yield* store.inspect("object")
      assert.deepInclude(inspected, { _tag: "Failed", status: 400 })
    }))

  it.live("cannot be opened where nobody said who we are to AWS", () =>
    Effect.gen(function*() {
      const stores = ObjectStoresLive.pipe(Layer.provide(Guard.layer(loopback)))
      const error = yield* Effect.flip(
        Effect.flatMap(ObjectStores, (it) => it.open(roleConfig("http://127.0.0.1:1"), Redacted.make(""))).pipe(
          Effect.provide(stores)
        )
      )
      assert.match(error.message, /^s3AuthenticationType: .*TAILRACE_AWS_ACCOUNT_ID/)
    }))
})
