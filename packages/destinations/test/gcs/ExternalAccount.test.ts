// Table: what of a workload identity's configuration, a tenant's text, is accepted.
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { readFileSync } from "node:fs"
import path from "node:path"
import { readExternalAccount } from "../../src/gcs/token/ExternalAccount.ts"

const text = readFileSync(path.join(import.meta.dirname, "../fixtures/gcs_credentials_workload_identity.json"), "utf8")
const sample: Readonly<Record<string, unknown>> & { readonly credential_source: object } = JSON.parse(text)

const said = (value: unknown) =>
  Result.match(readExternalAccount(JSON.stringify(value)), { onSuccess: () => "ok", onFailure: (reason) => reason })

const withSource = (more: object) => ({ ...sample, credential_source: { ...sample.credential_source, ...more } })
const fromUrl = (source: object) => ({ ...sample, credential_source: source })

describe("a credential configuration", () => {
  it("as Terraform's example has it", () =>
    assert.deepStrictEqual(Result.getOrThrow(readExternalAccount(text)), {
      audience: "//iam.googleapis.com/projects/12345678/locations/global/workloadIdentityPools/example-pool/" +
        "providers/example-provider",
      subjectTokenType: "urn:ietf:params:aws:token-type:aws4_request",
      tokenUrl: "https://sts.googleapis.com/v1/token",
      impersonationUrl: "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/" +
        "example@example.iam.gserviceaccount.com:generateAccessToken",
      source: {
        _tag: "Aws",
        regionUrl: "http://169.254.169.254/latest/meta-data/placement/availability-zone",
        credentialsUrl: "http://169.254.169.254/latest/meta-data/iam/security-credentials",
        sessionTokenUrl: "http://169.254.169.254/latest/api/token",
        verificationUrl: "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"
      }
    }))

  it.each<[string, unknown, string]>([
    ["another kind", { ...sample, type: "service_account" }, "is not a credential configuration"],
    ["no audience", { ...sample, audience: "" }, "is not a credential configuration"],
    ["a list", [], "is not a credential configuration"],
    ["a regional endpoint", { ...sample, token_url: "https://sts.us-east1.rep.googleapis.com/v1/token" }, "ok"],
    ["a token_url of anybody's", { ...sample, token_url: "https://sts.example.com/v1/token" }, "token_url"],
    ["one that looks like Google's", { ...sample, token_url: "https://sts.googleapis.com.evil.test/" }, "token_url"],
    ["one that ends like Google's", { ...sample, token_url: "https://evilsts.googleapis.com/" }, "token_url"],
    ["one in plain text", { ...sample, token_url: "http://sts.googleapis.com/v1/token" }, "token_url"],
    ["one with a user", { ...sample, token_url: "https://a@sts.googleapis.com/v1/token" }, "token_url"],
    ["one with a trick", { ...sample, token_url: "https://sts.googleapis.com@evil.test/v1" }, "token_url"],
    [
      "impersonation by anybody",
      { ...sample, service_account_impersonation_url: "https://evil.test/x:generateAccessToken" },
      "service_account_impersonation_url"
    ],
    ["a file", fromUrl({ file: "/etc/passwd" }), "credential_source.file"],
    ["a file beside a URL", withSource({ file: "/etc/passwd" }), "credential_source.file"],
    ["a program", fromUrl({ executable: { command: "id" } }), "credential_source.executable"],
    ["a certificate", fromUrl({ certificate: {} }), "credential_source.certificate"],
    ["an unknown environment", withSource({ environment_id: "aws2" }), "credential_source.environment_id"],
    ["a region from a file", withSource({ region_url: "file:///etc/passwd" }), "credential_source.region_url"],
    ["no credentials", withSource({ url: undefined }), "credential_source.url"],
    ["a user", withSource({ url: "http://a:b@169.254.169.254/x" }), "credential_source.url"],
    ["a session token of nowhere", withSource({ imdsv2_session_token_url: "x" }), "imdsv2_session_token_url"],
    [
      "a signature for something else",
      withSource({ regional_cred_verification_url: "https://sts.{region}.amazonaws.com?Action=AssumeRole" }),
      "regional_cred_verification_url"
    ],
    [
      "a signature for somebody else",
      withSource({
        regional_cred_verification_url: "https://evil.test?Action=GetCallerIdentity&Version=2011-06-15"
      }),
      "regional_cred_verification_url"
    ],
    ["a URL", fromUrl({ url: "https://id.example.com/token?for=gcp", headers: { Metadata: "True" } }), "ok"],
    [
      "a URL's JSON",
      fromUrl({ url: "https://id.test", format: { type: "json", subject_token_field_name: "t" } }),
      "ok"
    ],
    [
      "JSON without a member",
      fromUrl({ url: "https://id.test", format: { type: "json" } }),
      "credential_source.format"
    ],
    ["nothing", fromUrl({}), "credential_source needs a url"]
  ])("%s", (_name, value, expected) => assert.include(said(value), expected))

  it("text that is no JSON", () => assert.isTrue(Result.isFailure(readExternalAccount("{"))))
})
