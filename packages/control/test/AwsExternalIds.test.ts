// External ids over HTTP. What AWS says is in `tests/integration`; here its answers are given.
import { assert, layer } from "@effect/vitest"
import { AssumeFailure, type AssumeFault, AwsIdentity, type AwsRoles, type RoleSession } from "@tailrace/destinations"
import { Effect, Layer, Option, Redacted } from "effect"
import { keyOf } from "./commands.ts"
import { s3Body, Server, serverLayer } from "./server.ts"

const ids = "tailnet/-/aws-external-id"
const stream = "tailnet/-/logging/configuration/stream"
const arn = (name: string, account = "111111111111") => `arn:aws:iam::${account}:role/${name}`
const notInstalled = "not installed"

const session: RoleSession = {
  accessKeyId: "ASIA",
  secretAccessKey: Redacted.make("s"),
  sessionToken: Redacted.make("t"),
  madeAt: 0,
  expiresAt: 1
}

/** A role is called after what STS says of it. */
const proved = (roleArn: string) => {
  const fault = (["refused", "open", "operator", "unavailable"] as const).find((it) => roleArn.endsWith(it))
  const failed = (it: AssumeFault) =>
    new AssumeFailure({ fault: it, message: `STS: ${it}`, status: 403, retryAfterMillis: null })
  return fault === undefined ? Effect.succeed(session) : Effect.fail(failed(fault))
}

const roles: AwsRoles = {
  account: "001234567890",
  keys: { accessKeyId: "AKIA", secretAccessKey: Redacted.make("s"), sessionToken: Option.none() },
  prove: (use) => proved(use.arn),
  credentials: () => Effect.die(notInstalled)
}

const { s3AccessKeyId: _, s3SecretAccessKey: __, ...place } = { ...s3Body, url: "", s3AuthenticationType: "rolearn" }

const issue = Effect.fnUntraced(function*(body?: object) {
  const { ask } = yield* Server
  const answer = yield* ask("POST", ids, body === undefined ? {} : { body })
  assert.strictEqual(answer.status, 200, answer.text)
  return String(JSON.parse(answer.text).externalId)
})

layer(serverLayer(Layer.succeed(AwsIdentity, Option.some(roles))), { excludeTestServices: true })(
  "external ids",
  (it) => {
    it.effect("are given out: new ones, or the same until it is used", () =>
      Effect.gen(function*() {
        const { ask } = yield* Server
        const { body, status } = yield* ask("POST", ids, { body: { reusable: true } })
        const externalId = yield* issue({ reusable: true })
        assert.deepInclude({ body, status }, {
          body: { externalId, tailscaleAwsAccountId: "001234567890" },
          status: 200
        })
        assert.match(externalId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
        const others = [
          yield* issue(),
          yield* issue({}),
          yield* issue({ reusable: false }),
          yield* issue({ reusable: null })
        ]
        assert.strictEqual(new Set([externalId, ...others]).size, 5)
        const put = { ...place, s3RoleArn: arn("logs"), s3ExternalId: externalId }
        assert.deepInclude(yield* ask("PUT", stream, { body: put }), { status: 200, text: "" })
        assert.notStrictEqual(yield* issue({ reusable: true }), externalId)
        const { destinationType, s3AuthenticationType, s3ExternalId, s3RoleArn, ...read } = JSON.parse(
          (yield* ask("GET", stream)).text
        )
        assert.deepStrictEqual([destinationType, s3AuthenticationType, s3RoleArn, s3ExternalId], [
          "s3",
          "rolearn",
          arn("logs"),
          externalId
        ])
        assert.notProperty(read, "s3SecretAccessKey")
      }))

    it.effect("are needed in every PUT of a role, which stays in its account", () =>
      Effect.gen(function*() {
        const { ask } = yield* Server
        const externalId = yield* issue()
        const put = (more: object) => ask("PUT", stream, { body: { ...place, s3RoleArn: arn("logs"), ...more } })
        const answers = [
          yield* put({}),
          yield* put({ s3ExternalId: "60fe9ce7-7791-4ab3-ab34-4294f5972725" }),
          yield* put({ s3ExternalId: "x" }),
          yield* put({ s3ExternalId: externalId, s3RoleArn: "logs" }),
          yield* put({ s3ExternalId: externalId, s3RoleArn: "" }),
          yield* put({ s3ExternalId: externalId, s3Region: "" }),
          yield* put({ s3ExternalId: externalId }),
          yield* put({ s3ExternalId: externalId, s3RoleArn: arn("other") }),
          yield* put({ s3ExternalId: externalId, s3RoleArn: arn("other", "222222222222") }),
          yield* put({ s3AuthenticationType: "accesskey", s3AccessKeyId: "AKIA" })
        ]
        const wrongAccount =
          "s3RoleArn is a role of the AWS account 222222222222, but the destination's is 111111111111: " +
          "a role can be changed within its account only; delete the destination and create it anew"
        assert.deepStrictEqual(answers.map(({ body, status }) => body ?? status), [
          { message: "invalid awsExternalId parameter" },
          { message: "invalid awsExternalId parameter" },
          { message: "invalid awsExternalId parameter" },
          { message: "s3RoleArn is not the ARN of a role, such as arn:aws:iam::123456789012:role/name" },
          { message: "s3RoleArn is required and must not be empty" },
          { message: "s3Region is needed with a role" },
          200,
          200,
          { message: wrongAccount },
          { message: "s3SecretAccessKey is required and must not be empty" }
        ])
        assert.deepStrictEqual(answers.map(({ status }) => status), [400, 400, 400, 400, 400, 400, 200, 200, 400, 400])
      }))

    it.effect("are checked against a role's trust policy", () =>
      Effect.gen(function*() {
        const { ask } = yield* Server
        const externalId = yield* issue()
        const validate = (roleArn: unknown, id = externalId) =>
          Effect.map(
            ask("POST", `${ids}/${id}/validate-aws-trust-policy`, { body: { roleArn } }),
            ({ body, status, text }) => [status, body ?? text]
          )
        const hint = "the trust policy must allow sts:AssumeRole to the AWS account 001234567890 with this external id"
        const noArn = "roleArn is not the ARN of a role, such as arn:aws:iam::123456789012:role/name"
        assert.deepStrictEqual(yield* validate(arn("logs")), [200, ""])
        assert.deepStrictEqual(yield* validate(arn("refused")), [422, { message: `STS: refused (${hint})` }])
        assert.deepStrictEqual(yield* validate(arn("open")), [422, { message: "STS: open" }])
        assert.deepStrictEqual(yield* validate(arn("operator")), [502, { message: "STS: operator" }])
        assert.deepStrictEqual(yield* validate(arn("unavailable")), [502, { message: "STS: unavailable" }])
        assert.deepStrictEqual(yield* validate("logs"), [422, { message: noArn }])
        assert.strictEqual((yield* validate(7))[0], 400)
        assert.deepStrictEqual(yield* validate(arn("logs"), "other"), [404, { message: "external id other not found" }])
        yield* ask("PUT", "tailnet/-/logging/network/stream", {
          body: { ...place, s3RoleArn: arn("logs"), s3ExternalId: externalId }
        })
        const [status, body] = yield* validate(arn("logs", "222222222222"))
        assert.strictEqual(status, 422)
        assert.match(JSON.stringify(body), /linked with the AWS account 111111111111/)
      }))

    it.effect("are for those who may write destinations", () =>
      Effect.gen(function*() {
        const { ask } = yield* Server
        const externalId = yield* issue()
        const path = `${ids}/${externalId}/validate-aws-trust-policy`
        const { key } = yield* keyOf("auditor")
        const forbidden = { message: "the role auditor may not do this: it takes destinations:write" }
        assert.deepInclude(yield* ask("POST", ids, { key }), { status: 403, body: forbidden })
        const body = { roleArn: arn("logs") }
        assert.deepInclude(yield* ask("POST", path, { key, body }), { status: 403, body: forbidden })
        assert.strictEqual((yield* ask("POST", "tailnet/other.example/aws-external-id", {})).status, 404)
        assert.strictEqual((yield* ask("POST", ids, { body: { reusable: "yes" } })).status, 400)
        const { key: itAdmin } = yield* keyOf("it-admin")
        assert.strictEqual((yield* ask("POST", path, { key: itAdmin, body })).status, 200)
      }))
  }
)

layer(serverLayer(), { excludeTestServices: true })("an installation without an AWS identity", (it) => {
  it.effect("says what its operator has to set", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const put = { ...place, s3RoleArn: arn("logs"), s3ExternalId: "60fe9ce7-7791-4ab3-ab34-4294f5972725" }
      for (const answer of [yield* ask("POST", ids), yield* ask("PUT", stream, { body: put })]) {
        assert.strictEqual(answer.status, 501)
        for (const name of ["ACCOUNT_ID", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"]) {
          assert.include(answer.text, `TAILRACE_AWS_${name}`)
        }
      }
      const { key } = yield* keyOf("auditor")
      assert.strictEqual((yield* ask("POST", ids, { key })).status, 403)
    }))
})
