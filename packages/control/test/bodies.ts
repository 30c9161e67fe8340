/** A body that the API takes for each type of destination, and what of it comes back. */
import type { DestinationTypeName } from "@tailrace/domain"

/** Stands in every body as the secret, and in nothing that is read. */
export const typeSecret = "very-secret-of-a-destination"

const privateKey = `-----BEGIN PRIVATE KEY-----\n${typeSecret}\n-----END PRIVATE KEY-----\n`

export const serviceAccount = JSON.stringify({
  type: "service_account",
  client_email: "writer@example.iam.gserviceaccount.com",
  private_key: privateKey
})

const metadata = "http://169.254.169.254/latest"

/** As Terraform's provider sends it, in its order; `&` it writes as `\\u0026`. */
export const workloadIdentity = JSON.stringify({
  universe_domain: "googleapis.com",
  type: "external_account",
  audience:
    "//iam.googleapis.com/projects/12345678/locations/global/workloadIdentityPools/example-pool/providers/example",
  subject_token_type: "urn:ietf:params:aws:token-type:aws4_request",
  service_account_impersonation_url: "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/" +
    "example@example.iam.gserviceaccount.com:generateAccessToken",
  token_url: "https://sts.googleapis.com/v1/token",
  credential_source: {
    environment_id: "aws1",
    region_url: `${metadata}/meta-data/placement/availability-zone`,
    url: `${metadata}/meta-data/iam/security-credentials`,
    regional_cred_verification_url: "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
    imdsv2_session_token_url: `${metadata}/api/token`
  }
}).replace("&", "\\u0026")

interface Example {
  readonly type: DestinationTypeName
  /** Without the secret. */
  readonly open: Readonly<Record<string, unknown>>
  readonly secret: Readonly<Record<string, string>>
  /** What our own endpoints show besides: defaults of what only they can say. */
  readonly ours: Readonly<Record<string, unknown>>
}

const storing = { uploadPeriodSeconds: 300, keyLayout: "documented", emptyWindows: "none" }
const token = { token: typeSecret }
const receiver = (type: DestinationTypeName, url: string, ours: Example["ours"] = {}): Example => ({
  type,
  open: { destinationType: type, url, user: "user", uploadPeriodMinutes: 5, compressionFormat: "gzip" },
  secret: token,
  ours
})

const hec = { authScheme: "auto", acknowledge: "auto" }

export const examples: ReadonlyArray<Example> = [
  {
    type: "s3",
    open: {
      destinationType: "s3",
      url: "https://s3.example.com",
      user: "user",
      uploadPeriodMinutes: 5,
      compressionFormat: "zstd",
      s3Bucket: "tailnet-logs",
      s3Region: "us-west-2",
      s3KeyPrefix: "logs/",
      s3AuthenticationType: "accesskey",
      s3AccessKeyId: "AKIAEXAMPLE"
    },
    secret: { s3SecretAccessKey: typeSecret },
    ours: { ...storing, addressing: "auto" }
  },
  {
    type: "gcs",
    open: {
      destinationType: "gcs",
      url: "",
      user: "user",
      uploadPeriodMinutes: 5,
      compressionFormat: "zstd",
      gcsBucket: "tailnet-logs",
      gcsKeyPrefix: "logs/",
      gcsScopes: ["https://www.googleapis.com/auth/devstorage.write_only"]
    },
    secret: { gcsCredentials: serviceAccount },
    ours: storing
  },
  receiver("splunk", "https://splunk.example.com:8088/services/collector/event", hec),
  receiver("panther", "https://logs.example.runpanther.net/http/cb015ee4-543c-4489-9f4b-testaa16d7a", hec),
  receiver("cribl", "https://default.main.example.cribl.cloud:10080/cribl/_bulk", hec),
  receiver("crowdstrike", "https://cloud.us.humio.com/api/v1/ingest/hec", hec),
  receiver("datadog", "https://http-intake.logs.us5.datadoghq.com/api/v2/logs"),
  receiver("elastic", "https://elastic.example.com:9243/tailnet-logs/_bulk?pretty", { authScheme: "auto" }),
  receiver("axiom", "https://api.axiom.co/v1/datasets/tailnet/ingest"),
  {
    type: "azure",
    open: {
      destinationType: "azure",
      url: "https://tailnetlogs.blob.core.windows.net",
      user: "",
      uploadPeriodMinutes: 5,
      compressionFormat: "gzip",
      azureAccount: "tailnetlogs",
      azureContainer: "logs",
      azureKeyPrefix: "audit/",
      azureAuthenticationType: "sharedkey"
    },
    // Base64, as an account key is.
    secret: { azureSecret: Buffer.from(typeSecret).toString("base64") },
    ours: storing
  },
  {
    type: "http",
    open: {
      destinationType: "http",
      url: "https://collector.example.com/in?team=a",
      user: "user",
      uploadPeriodMinutes: 5,
      compressionFormat: "zstd",
      httpFormat: "json",
      httpHeaders: { "X-Team": "a" },
      authScheme: "hmac"
    },
    secret: token,
    ours: {}
  }
]

/** Types that Tailscale's own `/stream` knows. */
export const streamExamples = examples.filter(({ type }) => type !== "azure" && type !== "http")

export const exampleOf = (type: DestinationTypeName): Example => {
  const found = examples.find((example) => example.type === type)
  if (found === undefined) throw new Error(`no example of ${type}`)
  return found
}

export const bodyOf = (type: DestinationTypeName): Readonly<Record<string, unknown>> => {
  const { open, secret } = exampleOf(type)
  return { ...open, ...secret }
}
