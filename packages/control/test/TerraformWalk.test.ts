/**
 * The acceptance test of Terraform's provider as its requests, step by step, and the samples of Tailscale's own
 * specification and clients: what was put is read back without a difference that a plan would show.
 */
import { assert, layer } from "@effect/vitest"
import { AwsIdentity, type AwsRoles } from "@tailrace/destinations"
import { Effect, Layer, Option, Redacted, Schema } from "effect"
import { readFileSync } from "node:fs"
import path from "node:path"
import { typeSecret, workloadIdentity } from "./bodies.ts"
import { Server, serverLayer } from "./server.ts"

const roles: AwsRoles = {
  account: "001234567890",
  keys: { accessKeyId: "AKIA", secretAccessKey: Redacted.make("s"), sessionToken: Option.none() },
  prove: () => Effect.die("nobody asks STS when a destination is put"),
  credentials: () => Effect.die("nobody asks STS when a destination is put")
}

type LogType = "configuration" | "network"
type Fields = Readonly<Record<string, unknown>>

const AnyFields = Schema.Record(Schema.String, Schema.Unknown)
const streamOf = (logType: LogType) => `tailnet/-/logging/${logType}/stream`
const secrets = ["token", "s3SecretAccessKey"]

/** The provider's client leaves out what is empty, but for the list of scopes. */
const sent = (fields: Fields) => ({ user: "user", compressionFormat: "none", gcsScopes: [], ...fields })

/** What the provider puts into its state, as it reads it. */
const attributes = [
  "destinationType",
  "url",
  "user",
  "uploadPeriodMinutes",
  "compressionFormat",
  "s3Bucket",
  "s3Region",
  "s3KeyPrefix",
  "s3AuthenticationType",
  "s3AccessKeyId",
  "s3RoleArn",
  "s3ExternalId",
  "gcsBucket",
  "gcsKeyPrefix",
  "gcsCredentials"
]

const planned = (fields: Fields) =>
  Object.fromEntries(
    attributes.map((name) => [name, fields[name] ?? (name === "uploadPeriodMinutes" ? 0 : "")])
  )

const apply = Effect.fnUntraced(function*(logType: LogType, fields: Fields) {
  const { ask } = yield* Server
  const put = yield* ask("PUT", streamOf(logType), { body: sent(fields) })
  assert.deepInclude(put, { status: 200, text: "" })
  const read = yield* ask("GET", streamOf(logType))
  const state = Schema.decodeUnknownSync(AnyFields)(read.body)
  assert.strictEqual(state["logType"], logType)
  assert.deepStrictEqual(planned(state), planned(sent(fields)))
  assert.deepStrictEqual(state["gcsScopes"] ?? [], sent(fields).gcsScopes)
  for (const secret of secrets) assert.notProperty(state, secret)
  return state
})

const withRoles = () => serverLayer(Layer.succeed(AwsIdentity, Option.some(roles)))

layer(withRoles(), { excludeTestServices: true })("Terraform's provider", (it) => {
  it.effect("walks from type to type without drift", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const url = "https://example.com"
      yield* apply("configuration", { destinationType: "panther", url, token: "some-token" })
      // Another log type is another resource: the old one is deleted first.
      assert.strictEqual((yield* ask("DELETE", streamOf("configuration"))).status, 200)
      assert.strictEqual((yield* ask("GET", streamOf("configuration"))).status, 404)
      yield* apply("network", {
        destinationType: "gcs",
        uploadPeriodMinutes: 5,
        compressionFormat: "zstd",
        gcsBucket: "example-bucket",
        gcsKeyPrefix: "logs/",
        gcsScopes: ["https://www.googleapis.com/auth/devstorage.read_write"],
        gcsCredentials: workloadIdentity
      })
      assert.strictEqual((yield* ask("DELETE", streamOf("network"))).status, 200)
      yield* apply("configuration", { destinationType: "cribl", url, token: "updated-token", user: "cribl-user" })
      yield* ask("DELETE", streamOf("configuration"))
      yield* apply("network", { destinationType: "datadog", url, token: "another-token" })
      const aws = { s3Bucket: "example-bucket", s3Region: "us-west-2", s3KeyPrefix: "logs/" }
      const { body } = yield* ask("POST", "tailnet/-/aws-external-id", { body: { reusable: false } })
      yield* apply("network", {
        destinationType: "s3",
        ...aws,
        s3AuthenticationType: "rolearn",
        s3RoleArn: "arn:aws:iam::123456789012:role/example-role",
        s3ExternalId: Schema.decodeUnknownSync(AnyFields)(body)["externalId"]
      })
      const key = { s3AuthenticationType: "accesskey", s3AccessKeyId: "example-access-key-id" }
      const secret = { s3SecretAccessKey: "example-secret-access-key" }
      yield* apply("network", { destinationType: "s3", url: "", ...aws, ...key, ...secret })
      yield* apply("network", {
        destinationType: "s3",
        url: "https://example.com/s3",
        uploadPeriodMinutes: 5,
        compressionFormat: "zstd",
        ...aws,
        ...key,
        ...secret
      })
      assert.strictEqual((yield* ask("DELETE", streamOf("network"))).status, 200)
    }))

  it.effect("leaves an audit record of each step, and a secret in none", () =>
    Effect.gen(function*() {
      const { ask, memory } = yield* Server
      yield* ask("PUT", streamOf("configuration"), {
        body: sent({ destinationType: "axiom", url: "https://api.axiom.co/v1/ingest/logs", token: typeSecret })
      })
      yield* ask("PUT", streamOf("configuration"), {
        body: sent({ destinationType: "elastic", url: "https://e.example.com/logs/_bulk", token: `${typeSecret}2` })
      })
      const text = new TextDecoder()
      const values = (["control", "secrets", "audit"] as const).flatMap((topic) =>
        [0, 1].flatMap((lane) => memory.records(topic, lane)).map(({ value }) => text.decode(value ?? undefined))
      )
      assert.isTrue(values.some((value) => value.includes("elastic")))
      assert.isFalse(values.some((value) => value.includes(typeSecret)))
    }))
})

const sampleOf = (name: string): Fields => {
  const file = path.join(import.meta.dirname, "fixtures", `logstream_config_${name}.json`)
  return Schema.decodeUnknownSync(Schema.fromJsonString(AnyFields))(readFileSync(file, "utf8"))
}

layer(withRoles(), { excludeTestServices: true })("samples of Tailscale's clients", (it) => {
  const stream = streamOf("configuration")

  it.effect("elastic at a private address that the operator allows, without the path of the bulk call", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      assert.strictEqual((yield* ask("PUT", stream, { body: sampleOf("put_elastic_private") })).status, 200)
      const read = sampleOf("get_elastic_private")
      assert.deepStrictEqual((yield* ask("GET", stream)).body, {
        ...read,
        uploadPeriodMinutes: 0,
        compressionFormat: "none"
      })
    }))

  it.effect("cribl with every field of S3 besides: zstd is not for Cribl", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const body = sampleOf("put_go_client_test")
      const message = "compressionFormat must be one of none, gzip for cribl"
      assert.deepInclude(yield* ask("PUT", stream, { body }), { status: 400, body: { message } })
      assert.strictEqual((yield* ask("PUT", stream, { body: { ...body, compressionFormat: "gzip" } })).status, 200)
      assert.deepStrictEqual((yield* ask("GET", stream)).body, {
        logType: "configuration",
        destinationType: "cribl",
        url: "http://example.com",
        user: "my-user",
        uploadPeriodMinutes: 5,
        compressionFormat: "gzip"
      })
    }))

  it.effect("s3 with a role: what is read may be put", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const issued = yield* ask("POST", "tailnet/-/aws-external-id")
      const s3ExternalId = Schema.decodeUnknownSync(AnyFields)(issued.body)["externalId"]
      const { gcsScopes: _, ...given } = sampleOf("get_s3_rolearn")
      const sample = { ...given, s3ExternalId }
      assert.strictEqual((yield* ask("PUT", streamOf("network"), { body: { ...sample, gcsScopes: null } })).status, 200)
      const read = (yield* ask("GET", streamOf("network"))).body
      assert.deepStrictEqual(read, { ...sample, user: "", s3KeyPrefix: "" })
      assert.strictEqual((yield* ask("PUT", streamOf("network"), { body: read })).status, 200)
    }))
})
