// What a destination of type gcs does with a workload identity: what proves it, what it is exchanged for, and whose
// refusal is whose. The configuration is a tenant's.
import { assert, describe, it } from "@effect/vitest"
import { ObjectStores } from "@tailrace/destinations"
import { Effect, Redacted } from "effect"
import { readFileSync } from "node:fs"
import path from "node:path"
import { cloudStorage } from "../src/gcs/CloudStorage.ts"
import { audience, google, instanceMetadata } from "../src/gcs/Google.ts"
import { httpServer, trusting } from "../src/store/listening.ts"
import { show } from "../src/store/misfortunes.ts"
import { localStores } from "../src/store/StoreSite.ts"

const object = {
  key: "k",
  body: new TextEncoder().encode("{}\n"),
  contentType: "application/x-ndjson",
  metadata: { seal: "s_1" },
  onlyIfAbsent: true
}

const open = Effect.fnUntraced(function*(url: string, workloadIdentity: string) {
  const place = { _tag: "gcs", url, bucket: "tailrace-logs", keyPrefix: "", scopes: [] } as const
  return yield* (yield* ObjectStores).open({ ...place, workloadIdentity }, Redacted.make(""))
})

describe("workload identity", () => {
  const sample = readFileSync(path.join(import.meta.dirname, "fixtures/gcs_credentials_workload_identity.json"), "utf8")

  const identity = Effect.gen(function*() {
    yield* trusting("google-tls")
    const metadata = yield* instanceMetadata
    const port = yield* google
    const storage = yield* cloudStorage
    const file = {
      type: "external_account",
      audience,
      subject_token_type: "urn:ietf:params:aws:token-type:aws4_request",
      token_url: `https://sts.googleapis.com:${port}/v1/token`,
      credential_source: {
        environment_id: "aws1",
        region_url: `${metadata.url}/zone`,
        url: `${metadata.url}/credentials`,
        imdsv2_session_token_url: `${metadata.url}/token`
      }
    }
    const impersonation =
      `https://iamcredentials.googleapis.com:${port}/v1/projects/-/serviceAccounts/a:generateAccessToken`
    const put = (value: unknown) =>
      Effect.flatMap(
        open(storage.url, JSON.stringify(value)),
        (store) => store.put(object)
      )
    return { file, impersonation, metadata, put, storage }
  })

  const scope = "https://www.googleapis.com/auth/devstorage.read_write"

  it.live("of an AWS instance: its signature for a token", () =>
    Effect.gen(function*() {
      const { file, metadata, put, storage } = yield* identity
      assert.strictEqual(show(yield* put(file)), "Delivered")
      assert.strictEqual(show(yield* put(file)), "Delivered")
      assert.deepStrictEqual(storage.shown, [`Bearer federated for ${scope}`, `Bearer federated for ${scope}`])
      assert.deepStrictEqual(metadata.asked, [
        "PUT /token",
        "GET /zone",
        "GET /credentials",
        "GET /credentials/tailrace-role"
      ])
    }).pipe(Effect.provide(localStores)))

  it.live("and that one for a token of a service account", () =>
    Effect.gen(function*() {
      const { file, impersonation, put, storage } = yield* identity
      assert.strictEqual(show(yield* put({ ...file, service_account_impersonation_url: impersonation })), "Delivered")
      assert.deepStrictEqual(storage.shown, [`Bearer impersonated 3600s ${scope}`])
    }).pipe(Effect.provide(localStores)))

  it.live("of a token that an address hands out, as text or in JSON", () =>
    Effect.gen(function*() {
      const { file, put, storage } = yield* identity
      const handing = yield* httpServer((request, response) =>
        response.end(request.url === "/text?a=b" ? "jwt-of-a-workload" : "{\"value\":\"jwt-of-a-workload\"}")
      )
      const jwt = { ...file, subject_token_type: "urn:ietf:params:oauth:token-type:jwt" }
      const text = { ...jwt, credential_source: { url: `${handing}/text?a=b` } }
      assert.strictEqual(show(yield* put(text)), "Delivered")
      const format = { type: "json", subject_token_field_name: "value" }
      assert.strictEqual(show(yield* put({ ...jwt, credential_source: { url: handing, format } })), "Delivered")
      const other = { ...format, subject_token_field_name: "other" }
      assert.strictEqual(
        show(yield* put({ ...jwt, credential_source: { url: handing, format: other } })),
        "Transient 200 null not: credential_source.url: HTTP 200: is not the answer that was expected"
      )
      assert.strictEqual(storage.shown.length, 2)
    }).pipe(Effect.provide(localStores)))

  it.live("each refusal says whose it is; what a machine inside says is not shown", () =>
    Effect.gen(function*() {
      const { file, impersonation, metadata, put, storage } = yield* identity
      const source = file.credential_source
      const inside = { ...file, credential_source: { ...source, region_url: `${metadata.url}/secret-page` } }
      assert.strictEqual(show(yield* put(inside)), "Misconfigured 404: credential_source.region_url: HTTP 404")
      const { imdsv2_session_token_url: _, ...v1 } = source
      const old = { ...file, credential_source: v1 }
      assert.strictEqual(show(yield* put(old)), "Misconfigured 401: credential_source.region_url: HTTP 401")
      assert.strictEqual(
        show(yield* put({ ...file, audience: "//iam.googleapis.com/other" })),
        "Misconfigured 400: token_url: HTTP 400 invalid_request: audience"
      )
      const denied = { ...file, service_account_impersonation_url: impersonation.replace("/a:", "/denied:") }
      assert.strictEqual(
        show(yield* put(denied)),
        "Misconfigured 403: service_account_impersonation_url: HTTP 403 PERMISSION_DENIED: " +
          "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
      )
      assert.deepStrictEqual(storage.shown, [])
    }).pipe(Effect.provide(localStores)))

  it.live("the metadata service of this machine is refused by the guard, whoever names it", () =>
    Effect.gen(function*() {
      const storage = yield* cloudStorage
      const store = yield* open(storage.url, sample)
      assert.match(
        show(yield* store.put(object)),
        /^Misconfigured null: credential_source\.imdsv2_session_token_url: ERR_ADDRESS_REFUSED: 169\.254\.169\.254 is /
      )
    }).pipe(Effect.provide(localStores)))
})
