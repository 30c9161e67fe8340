/**
 * Workload identity: the form of its configuration, and what of it a server of many tenants accepts. Pure. The text is
 * a tenant's: nothing of it may read this machine's files or run programs, and what proves an identity goes to Google
 * only.
 * https://google.aip.dev/auth/4117
 */
import { Option, Result, Schema } from "effect"

const Source = Schema.Struct({
  environment_id: Schema.optional(Schema.String),
  region_url: Schema.optional(Schema.String),
  url: Schema.optional(Schema.String),
  imdsv2_session_token_url: Schema.optional(Schema.String),
  regional_cred_verification_url: Schema.optional(Schema.String),
  headers: Schema.optional(Schema.Record(Schema.String, Schema.String)),
  format: Schema.optional(Schema.Struct({
    type: Schema.optional(Schema.Literals(["text", "json"])),
    subject_token_field_name: Schema.optional(Schema.String)
  })),
  file: Schema.optional(Schema.Unknown),
  executable: Schema.optional(Schema.Unknown),
  certificate: Schema.optional(Schema.Unknown)
})

const File = Schema.Struct({
  type: Schema.Literal("external_account"),
  audience: Schema.NonEmptyString,
  subject_token_type: Schema.NonEmptyString,
  token_url: Schema.NonEmptyString,
  service_account_impersonation_url: Schema.optional(Schema.NonEmptyString),
  credential_source: Source
})
const readFile = Schema.decodeUnknownOption(Schema.fromJsonString(File))

/** An instance's identity at AWS, from its metadata service. */
export interface AwsIdentity {
  readonly _tag: "Aws"
  readonly regionUrl: string
  readonly credentialsUrl: string
  readonly sessionTokenUrl: string | undefined
  /** With `{region}` in it. It is Google that asks it. */
  readonly verificationUrl: string
}

/** A token that some address hands out. */
export interface UrlIdentity {
  readonly _tag: "Url"
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The member of a JSON answer; undefined: the answer is the token. */
  readonly field: string | undefined
}

export interface ExternalAccount {
  readonly audience: string
  readonly subjectTokenType: string
  readonly tokenUrl: string
  readonly impersonationUrl: string | undefined
  readonly source: AwsIdentity | UrlIdentity
}

const isPlain = ({ hash, password, protocol, username }: URL) =>
  (protocol === "https:" || protocol === "http:") && username === "" && password === "" && hash === ""

const googleService = (name: string) =>
  new RegExp(`^(?:[a-z0-9-]+[.-])?${name}(?:\\.mtls|\\.[a-z0-9-]+\\.rep)?\\.googleapis\\.com$`)

const tokenHost = googleService("sts")
const impersonationHost = googleService("iamcredentials")

/** What goes there is as good as the identity itself. */
const isOf = (text: string, host: RegExp) => {
  const url = URL.parse(text)
  return url !== null && isPlain(url) && url.protocol === "https:" && host.test(url.hostname)
}

const isUrl = (text: string | undefined): text is string => {
  const url = text === undefined ? null : URL.parse(text)
  return url !== null && isPlain(url)
}

const defaultVerificationUrl = "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"

const isVerification = (text: string) =>
  /^https:\/\/sts\.(\{region\}|[a-z0-9-]+)\.amazonaws\.com(\.cn)?\/?\?Action=GetCallerIdentity&Version=2011-06-15$/
    .test(text)

const awsIdentity = (source: typeof Source.Type): Result.Result<AwsIdentity, string> => {
  const { imdsv2_session_token_url: sessionTokenUrl, region_url: regionUrl, url: credentialsUrl } = source
  const verificationUrl = source.regional_cred_verification_url ?? defaultVerificationUrl
  if (source.environment_id !== "aws1") return Result.fail("credential_source.environment_id must be aws1")
  if (!isUrl(regionUrl)) return Result.fail("credential_source.region_url is not a URL")
  if (!isUrl(credentialsUrl)) return Result.fail("credential_source.url is not a URL")
  if (sessionTokenUrl !== undefined && !isUrl(sessionTokenUrl)) {
    return Result.fail("credential_source.imdsv2_session_token_url is not a URL")
  }
  return isVerification(verificationUrl)
    ? Result.succeed({ _tag: "Aws", regionUrl, credentialsUrl, sessionTokenUrl, verificationUrl })
    : Result.fail("credential_source.regional_cred_verification_url must be GetCallerIdentity of AWS")
}

const urlIdentity = ({ format, headers = {}, url }: typeof Source.Type): Result.Result<UrlIdentity, string> => {
  const field = format?.type === "json" ? format.subject_token_field_name : undefined
  if (!isUrl(url)) return Result.fail("credential_source needs a url")
  return format?.type === "json" && field === undefined
    ? Result.fail("credential_source.format needs subject_token_field_name")
    : Result.succeed({ _tag: "Url", url, headers, field })
}

const sourceOf = (source: typeof Source.Type): Result.Result<AwsIdentity | UrlIdentity, string> => {
  const forbidden = (["file", "executable", "certificate"] as const).find((name) => source[name] !== undefined)
  if (forbidden !== undefined) return Result.fail(`credential_source.${forbidden} is not possible: it is this server's`)
  return source.environment_id === undefined ? urlIdentity(source) : awsIdentity(source)
}

/** From the JSON text of a credential configuration; the failure names the member. */
export const readExternalAccount = (text: string): Result.Result<ExternalAccount, string> => {
  const file = readFile(text)
  if (Option.isNone(file)) return Result.fail("is not a credential configuration of type external_account")
  const { service_account_impersonation_url: impersonationUrl, token_url: tokenUrl, ...rest } = file.value
  if (!isOf(tokenUrl, tokenHost)) return Result.fail("token_url must be of sts.googleapis.com")
  if (impersonationUrl !== undefined && !isOf(impersonationUrl, impersonationHost)) {
    return Result.fail("service_account_impersonation_url must be of iamcredentials.googleapis.com")
  }
  return Result.map(sourceOf(rest.credential_source), (source) => ({
    audience: rest.audience,
    subjectTokenType: rest.subject_token_type,
    tokenUrl,
    impersonationUrl,
    source
  }))
}
