/** Bodies that each type of destination refuses, with the exact answer, which names the field. */
import { assert, layer } from "@effect/vitest"
import type { DestinationTypeName } from "@tailrace/domain"
import { Effect } from "effect"
import { bodyOf, examples, serviceAccount, typeSecret } from "./bodies.ts"
import { Server, serverLayer } from "./server.ts"

const destinations = "tailnet/-/logging/configuration/destinations"
const stream = "tailnet/-/logging/configuration/stream"

interface Bad {
  readonly type: DestinationTypeName
  readonly more: Readonly<Record<string, unknown>>
  readonly message: string
}

const notAllowed = "and not in a range that the operator allows"
const empty = "is required and must not be empty"
const needsUrl = ["splunk", "panther", "cribl", "crowdstrike", "datadog", "elastic", "axiom", "http"] as const
const needsToken = needsUrl.filter((type) => type !== "http")
const hecs = ["splunk", "panther", "cribl", "crowdstrike"] as const
const credentials =
  "gcsCredentials must be the JSON text of a service account's key (with client_email and private_key) " +
  "or of external_account credentials"
const https = "a public host needs https:// (plain http:// is only for addresses that the operator allows)"

const everyUrl: ReadonlyArray<Bad> = examples.flatMap(({ type }) => [
  {
    type,
    more: { url: "https://169.254.169.254/x/_bulk" },
    message: `url is refused: 169.254.169.254 is a link-local or cloud metadata address, ${notAllowed}`
  },
  { type, more: { url: "http://8.8.8.8/x/_bulk" }, message: `url is refused: ${https}` },
  { type, more: { url: "example" }, message: "url is refused: is not a URL" },
  {
    type,
    more: { url: `https://me:${typeSecret}@example.com/x/_bulk` },
    message: "url is refused: must not contain a user name or password"
  }
])

const bad: ReadonlyArray<Bad> = [
  ...needsUrl.map((type) => ({ type, more: { url: "" }, message: `url ${empty}` })),
  ...needsToken.map((type) => ({ type, more: { token: null }, message: `token ${empty}` })),
  ...needsToken.filter((type) => type !== "elastic").map((type) => ({
    type,
    more: { token: "one\ntwo" },
    message: "token must be printable ASCII"
  })),
  ...hecs.flatMap((type) => [
    {
      type,
      more: { authScheme: "apikey" },
      message: "authScheme must be one of auto, splunk, basic, bearer, verbatim"
    },
    { type, more: { acknowledge: "always" }, message: "acknowledge must be one of auto, never" },
    { type, more: { user: "a:b" }, message: "user must be printable ASCII without a colon" }
  ]),
  { type: "elastic", more: { authScheme: "bearer" }, message: "authScheme must be one of auto, basic, apikey" },
  { type: "elastic", more: { authScheme: "basic", user: "" }, message: "user is required by authScheme \"basic\"" },
  {
    type: "elastic",
    more: { url: "https://elastic.example.com/_bulk" },
    message: "url is refused: must end in /<data stream>/_bulk"
  },
  { type: "http", more: { authScheme: "splunk" }, message: "authScheme must be one of none, bearer, basic, hmac" },
  { type: "http", more: { authScheme: "basic", user: "" }, message: "user is required by authScheme \"basic\"" },
  {
    type: "http",
    more: { authScheme: "none" },
    message: "token has no use with authScheme \"none\": leave one of them out"
  },
  { type: "http", more: { token: "" }, message: `token ${empty}` },
  { type: "http", more: { httpFormat: "csv" }, message: "httpFormat must be one of ndjson, json" },
  { type: "http", more: { httpHeaders: ["a"] }, message: "httpHeaders must be an object of texts" },
  {
    type: "http",
    more: { httpHeaders: { Host: "x" } },
    message: "httpHeaders Host: is set by Tailrace or the connection"
  },
  { type: "s3", more: { s3Bucket: "" }, message: `s3Bucket ${empty}` },
  { type: "s3", more: { s3AccessKeyId: "" }, message: `s3AccessKeyId ${empty}` },
  { type: "s3", more: { s3SecretAccessKey: "" }, message: `s3SecretAccessKey ${empty}` },
  { type: "s3", more: { s3AuthenticationType: "rolearn" }, message: `s3RoleArn ${empty}` },
  {
    type: "s3",
    more: { s3AuthenticationType: "rolearn", s3RoleArn: "arn:aws:iam::123456789012:role/logs" },
    message: "invalid awsExternalId parameter"
  },
  { type: "s3", more: { s3Region: "us west" }, message: "s3Region is not a region's name" },
  { type: "gcs", more: { gcsBucket: "" }, message: `gcsBucket ${empty}` },
  { type: "gcs", more: { gcsCredentials: "" }, message: `gcsCredentials ${empty}` },
  { type: "gcs", more: { gcsCredentials: typeSecret }, message: credentials },
  { type: "gcs", more: { gcsCredentials: "{\"type\":\"authorized_user\"}" }, message: credentials },
  { type: "gcs", more: { gcsCredentials: serviceAccount.slice(0, -1) }, message: credentials },
  { type: "gcs", more: { gcsScopes: "read" }, message: "gcsScopes must be a list of texts" },
  {
    type: "gcs",
    more: { gcsKeyPrefix: "/logs" },
    message: "gcsKeyPrefix must have at most 900 characters, no control characters, and no / in front"
  },
  { type: "azure", more: { azureContainer: "" }, message: `azureContainer ${empty}` },
  { type: "azure", more: { azureContainer: "A" }, message: "azureContainer is not a container's name" },
  { type: "azure", more: { azureAccount: "" }, message: `azureAccount ${empty}` },
  { type: "azure", more: { azureAccount: "UPPER" }, message: "azureAccount is not the name of a storage account" },
  { type: "azure", more: { azureSecret: "" }, message: `azureSecret ${empty}` },
  {
    type: "azure",
    more: { azureAuthenticationType: "password" },
    message: "azureAuthenticationType must be one of sharedkey, sas"
  },
  {
    type: "azure",
    more: { azureAuthenticationType: "sas", azureAccount: "", url: "" },
    message: `url ${empty}`
  }
]

layer(serverLayer(), { excludeTestServices: true })("a body that cannot be", (it) => {
  it.effect.each([...everyUrl, ...bad])("of $type: $more", ({ message, more, type }) =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const body = { ...bodyOf(type), ...more }
      const answer = yield* ask("POST", destinations, { body })
      assert.deepInclude(answer, { status: 400, type: "application/json", body: { message } })
      assert.notInclude(answer.text, typeSecret)
      if (type === "azure" || type === "http") return
      const { authScheme, acknowledge, ...tailscales } = body
      if (authScheme !== undefined || acknowledge !== undefined) return
      assert.deepInclude(yield* ask("PUT", stream, { body: tailscales }), { status: 400, body: { message } })
    }))

  it.effect.each(["azure", "http"] as const)("of Tailscale's calls: %s", (type) =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const answer = yield* ask("PUT", stream, { body: { destinationType: type } })
      assert.strictEqual(answer.status, 400)
      assert.match(answer.text, /destinationType must be one of s3, .*; other types are put to .*destinations"}$/)
      const ours = yield* ask("PUT", stream, { body: { ...bodyOf("splunk"), authScheme: "splunk" } })
      assert.deepInclude(ours, { status: 400, body: { message: "authScheme is not a known field" } })
    }))

  it.effect.each([...examples])(
    "of $type takes fields of other types, and keeps none of them",
    ({ open, secret, type }) =>
      Effect.gen(function*() {
        const { ask } = yield* Server
        const others = Object.assign({}, ...examples.map((example) => ({ ...example.open, ...example.secret })))
        const body = { ...others, user: "", httpHeaders: null, authScheme: "", ...open, ...secret }
        const made = yield* ask("POST", destinations, { body: { ...body, compressionFormat: "gzip" } })
        assert.strictEqual(made.status, 200, made.text)
        const foreign = examples.filter((example) => example.type !== type)
          .flatMap((example) => Object.keys(example.open))
          .filter((name) => !Object.keys(open).includes(name) && /^(s3|gcs|azure|http)/.test(name))
        for (const name of foreign) assert.notProperty(made.body, name)
      })
  )
})
