/**
 * The fields of a destination's body, each with its meaning: Tailscale's under its names, and ours. From here come the
 * description of the API, the flags of the command line, and the pages in `docs/destinations`.
 */
import { LogType } from "@tailrace/domain"
import { Schema } from "effect"
import { field, optional, said, secret, text, whole, word } from "./Field.ts"

/** Longest JSON text with credentials, in characters. A service account's key file has about 2,400. */
const maxCredentials = 16_384

const credentials = () => {
  const { message, schema } = secret(maxCredentials)
  return { message, schema }
}

export const fieldsOfTailscale = {
  logType: optional(said("Ignored: the path says it.", field(LogType, "must be configuration or network"))),
  url: optional(said("Where records are sent; for s3 and gcs the endpoint of a compatible service.", text())),
  user: optional(said("User name, where the authorization takes one; stored and echoed for every type.", text())),
  token: optional(said("Token, API key or password.", secret())),
  uploadPeriodMinutes: optional(said(
    "Length of an upload period. Stores only: receivers are sent records as they come.",
    whole(0, 1440, "must be a whole number from 1 to 1440 (0 or absent: 1 minute)")
  )),
  compressionFormat: optional(said("How objects or request bodies are compressed.", word("none", "zstd", "gzip"))),
  s3Bucket: optional(said("Bucket.", text())),
  s3Region: optional(said("Region of the bucket. Without one, `us-east-1` is signed.", text())),
  s3KeyPrefix: optional(said("Put before each object key as it is: no slash is added.", text())),
  s3AuthenticationType: optional(said(
    "`accesskey`: an access key; `rolearn`: an IAM role that Tailrace assumes.",
    word("accesskey", "rolearn")
  )),
  s3AccessKeyId: optional(said("Id of the access key.", text())),
  s3SecretAccessKey: optional(said("Secret of the access key.", secret())),
  s3RoleArn: optional(said("ARN of the IAM role.", text())),
  s3ExternalId: optional(said("External id that the role's trust policy asks for; `POST /aws-external-id`.", text())),
  gcsBucket: optional(said("Bucket.", text())),
  gcsKeyPrefix: optional(said("Put before each object name as it is: no slash is added.", text())),
  gcsScopes: optional(said(
    "OAuth scopes to ask for; none: `https://www.googleapis.com/auth/devstorage.read_write`.",
    field(Schema.Array(Schema.String), "must be a list of texts")
  )),
  gcsCredentials: optional(said(
    "JSON text of a service account's key, which is written only, or `external_account` credentials, which are read.",
    credentials()
  ))
}

/** How the secret goes into a request; which words a type takes is in `DestinationFields`. */
export const authSchemes = ["auto", "splunk", "basic", "bearer", "verbatim", "apikey", "hmac", "none"] as const

const headerMap = Schema.Record(Schema.String, Schema.String)

export const fieldsOfOurs = {
  uploadPeriodSeconds: optional(said("Length of an upload period, finer. Stores only.", whole(5, 86_400))),
  keyLayout: optional(said(
    "Names of objects: `documented` is `YYYY/MM/DD/HH:MM:SS.json`, `live` is `YYYY/MM/DD/YYYY-MM-DD-HH-MM-SS.ndjson`.",
    word("documented", "live")
  )),
  emptyWindows: optional(said(
    "What an upload period without records writes: nothing, an empty object, or a JSON object that says so.",
    word("none", "zero-byte", "manifest")
  )),
  addressing: optional(said(
    "Bucket in the path or in the host name; `auto`: in the host name at AWS, in the path elsewhere.",
    word("auto", "path", "virtual")
  )),
  authScheme: optional(said("How the secret goes into a request.", word(...authSchemes))),
  acknowledge: optional(said(
    "`auto`: wait for the indexer's acknowledgement where the token asks for it; `never`: the answer is enough.",
    word("auto", "never")
  )),
  azureAccount: optional(said("Name of the storage account; `sharedkey` needs it.", text(24))),
  azureContainer: optional(said("Container.", text(63))),
  azureKeyPrefix: optional(said("Put before each blob's name as it is: no slash is added.", text())),
  azureAuthenticationType: optional(said(
    "`sharedkey`: an account key; `sas`: a shared access signature.",
    word("sharedkey", "sas")
  )),
  azureSecret: optional(said("Account key, or shared access signature (`sv=…&sig=…`).", secret())),
  httpFormat: optional(said("`ndjson`: a record a line; `json`: one array.", word("ndjson", "json"))),
  httpHeaders: optional(said(
    "Further headers. They are shown in answers: nothing secret belongs here.",
    field(headerMap, "must be an object of texts")
  ))
}
