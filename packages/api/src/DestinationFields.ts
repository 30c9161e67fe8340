/**
 * Which fields each type of destination uses, which of them it needs, and what holds where one is absent. Data for
 * people: the flags of the command line and the pages in `docs/destinations` are made of it; the handlers check.
 */
import type { DestinationBody } from "./StreamBody.ts"
import { DestinationType } from "./StreamBody.ts"

export type DestinationTypeName = typeof DestinationType.Type
export type DestinationFieldName = Exclude<keyof DestinationBody, "destinationType" | "logType">

export interface FieldUse {
  readonly name: DestinationFieldName
  /** When it must be given: `always`, or a sentence; absent: never. */
  readonly needed?: string
  /** What holds where it is absent. */
  readonly otherwise?: string
  /** Of the field's words those that this type takes, where it does not take all. */
  readonly words?: ReadonlyArray<string>
}

export interface TypeFields {
  /** The service's name. */
  readonly title: string
  readonly kind: "store" | "receiver"
  /** In the order in which a person would fill them in. */
  readonly fields: ReadonlyArray<FieldUse>
}

const always = "always"
const atFirst = "for a new destination, and when `url` names another host"

const url = (otherwise?: string): FieldUse =>
  otherwise === undefined ? { name: "url", needed: always } : { name: "url", otherwise }

const noUser: FieldUse = { name: "user", otherwise: "has no effect; stored and echoed" }
const name: FieldUse = { name: "name", otherwise: "the destination's id" }
const rules: FieldUse = { name: "rules", otherwise: "as before; a new destination gets every record as it is" }

const storing: ReadonlyArray<FieldUse> = [
  { name: "uploadPeriodMinutes", otherwise: "1 minute" },
  { name: "uploadPeriodSeconds", otherwise: "what `uploadPeriodMinutes` says" },
  { name: "compressionFormat", otherwise: "`none` on `/stream`, `zstd` on our own endpoints" },
  { name: "keyLayout", otherwise: "`documented`" },
  { name: "emptyWindows", otherwise: "`none`" },
  rules,
  name
]

const receiving = (codecs: ReadonlyArray<string>): ReadonlyArray<FieldUse> => [
  {
    name: "compressionFormat",
    otherwise: "`none` on `/stream`, `gzip` on our own endpoints",
    words: codecs
  },
  { name: "uploadPeriodMinutes", otherwise: "has no effect; stored and echoed" },
  rules,
  name
]

const token = (what: string): FieldUse => ({ name: "token", needed: `${what}; ${atFirst}` })
const gzip = ["none", "gzip"]
const anyCodec = ["none", "zstd", "gzip"]

const hec = (title: string, codecs: ReadonlyArray<string>, more: { readonly auto: string }): TypeFields => ({
  title,
  kind: "receiver",
  fields: [
    url(),
    token("the token of the collector"),
    { name: "user", otherwise: "none; `basic` then sends a name of its own" },
    {
      name: "authScheme",
      otherwise: `\`auto\`: ${more.auto}`,
      words: ["auto", "splunk", "basic", "bearer", "verbatim"]
    },
    { name: "acknowledge", otherwise: "`auto`" },
    ...receiving(codecs)
  ]
})

export const destinationFields: Readonly<Record<DestinationTypeName, TypeFields>> = {
  s3: {
    title: "Amazon S3, and services compatible with it",
    kind: "store",
    fields: [
      { name: "s3Bucket", needed: always },
      { name: "s3Region", needed: "with a role, where `url` is empty", otherwise: "`us-east-1` is signed" },
      url("Amazon's own endpoint of the region"),
      { name: "s3AuthenticationType", otherwise: "`accesskey`" },
      { name: "s3AccessKeyId", needed: "with `accesskey`" },
      { name: "s3SecretAccessKey", needed: `with \`accesskey\`: ${atFirst}` },
      { name: "s3RoleArn", needed: "with `rolearn`" },
      { name: "s3ExternalId", needed: "with `rolearn`" },
      { name: "s3KeyPrefix", otherwise: "none" },
      { name: "addressing", otherwise: "`auto`" },
      noUser,
      ...storing
    ]
  },
  gcs: {
    title: "Google Cloud Storage",
    kind: "store",
    fields: [
      { name: "gcsBucket", needed: always },
      { name: "gcsCredentials", needed: `always for \`external_account\`; a service account's key ${atFirst}` },
      { name: "gcsKeyPrefix", otherwise: "none" },
      { name: "gcsScopes", otherwise: "`https://www.googleapis.com/auth/devstorage.read_write`" },
      url("Google's own endpoint"),
      noUser,
      ...storing
    ]
  },
  azure: {
    title: "Azure Blob Storage",
    kind: "store",
    fields: [
      { name: "azureAccount", needed: "with `sharedkey`" },
      { name: "azureContainer", needed: always },
      { name: "azureAuthenticationType", otherwise: "`sharedkey`" },
      { name: "azureSecret", needed: atFirst },
      { name: "azureKeyPrefix", otherwise: "none" },
      { name: "url", needed: "without `azureAccount`", otherwise: "`https://<azureAccount>.blob.core.windows.net`" },
      noUser,
      ...storing
    ]
  },
  splunk: hec("Splunk, and whatever speaks its HTTP Event Collector", gzip, {
    auto: "`basic` where a user is given and else `splunk`; where that is answered with 401, the other one"
  }),
  panther: hec("Panther", anyCodec, { auto: "`bearer`" }),
  cribl: hec("Cribl Stream and Edge", gzip, {
    auto: "the token as typed; where that is refused, `splunk`, then `bearer`"
  }),
  crowdstrike: hec("CrowdStrike Falcon LogScale and Next-Gen SIEM", gzip, { auto: "`bearer`" }),
  datadog: {
    title: "Datadog",
    kind: "receiver",
    fields: [url(), token("an API key (not an application key)"), noUser, ...receiving(anyCodec)]
  },
  elastic: {
    title: "Elasticsearch, into a data stream",
    kind: "receiver",
    fields: [
      url(),
      token("the password, or an API key (`id:key` in base64)"),
      { name: "user", needed: "with `authScheme` `basic`", otherwise: "none" },
      {
        name: "authScheme",
        otherwise: "`auto`: `basic` where a user is given, else `apikey`",
        words: ["auto", "basic", "apikey"]
      },
      ...receiving(gzip)
    ]
  },
  axiom: {
    title: "Axiom",
    kind: "receiver",
    fields: [url(), token("an API token that may ingest into the dataset"), noUser, ...receiving(gzip)]
  },
  http: {
    title: "Any HTTPS endpoint",
    kind: "receiver",
    fields: [
      url(),
      { name: "token", needed: `with any \`authScheme\` but \`none\`: ${atFirst}` },
      {
        name: "authScheme",
        otherwise: "`bearer` where a token is given, else `none`",
        words: ["none", "bearer", "basic", "hmac"]
      },
      { name: "user", needed: "with `authScheme` `basic`", otherwise: "none" },
      { name: "httpFormat", otherwise: "`ndjson`" },
      { name: "httpHeaders", otherwise: "none" },
      ...receiving(anyCodec)
    ]
  }
}
