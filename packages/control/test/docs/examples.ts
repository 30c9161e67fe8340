/** An example of each type, as its page shows it; a test holds it against the API. */
import type { DestinationTypeName } from "@tailrace/api"

export interface Example {
  /** Fields but the type and the secret. */
  readonly open: Readonly<Record<string, string | number>>
  readonly secret: "token" | "s3SecretAccessKey" | "gcsCredentials" | "azureSecret"
}

const receiver = (url: string, more: Example["open"] = { compressionFormat: "gzip" }): Example => ({
  open: { url, ...more },
  secret: "token"
})

export const examples: Readonly<Record<DestinationTypeName, Example>> = {
  s3: {
    open: {
      s3Bucket: "tailnet-logs",
      s3Region: "eu-central-1",
      s3KeyPrefix: "audit/",
      s3AccessKeyId: "AKIAEXAMPLE",
      compressionFormat: "zstd",
      uploadPeriodMinutes: 5
    },
    secret: "s3SecretAccessKey"
  },
  gcs: {
    open: { gcsBucket: "tailnet-logs", gcsKeyPrefix: "audit/", compressionFormat: "zstd" },
    secret: "gcsCredentials"
  },
  azure: {
    open: {
      azureAccount: "tailnetlogs",
      azureContainer: "logs",
      azureKeyPrefix: "audit/",
      compressionFormat: "zstd"
    },
    secret: "azureSecret"
  },
  splunk: receiver("https://splunk.example.com:8088/services/collector/event"),
  panther: receiver("https://logs.example.runpanther.net/http/cb015ee4-543c-4489-9f4b-00000000000a"),
  cribl: receiver("https://default.main.example.cribl.cloud:10080/cribl/_bulk"),
  crowdstrike: receiver("https://cloud.us.humio.com/api/v1/ingest/hec"),
  datadog: receiver("https://http-intake.logs.us5.datadoghq.com/api/v2/logs"),
  elastic: receiver("https://elastic.example.com:9243/tailnet-logs/_bulk", {
    user: "tailrace",
    compressionFormat: "gzip"
  }),
  axiom: receiver("https://api.axiom.co/v1/datasets/tailnet/ingest"),
  http: receiver("https://collector.example.com/in", { authScheme: "hmac", compressionFormat: "zstd" })
}
