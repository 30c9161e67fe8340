/**
 * What proves an identity to Google: a signed `GetCallerIdentity` of AWS, or a token that an address hands out. The
 * addresses are a tenant's, so each is asked through the guard, and nothing of what they answer is shown.
 * https://cloud.google.com/iam/docs/workload-identity-federation-with-other-clouds
 */
import { Clock, Effect, Option, Schema } from "effect"
import type { Agents } from "../../network/GuardedAgents.ts"
import type { HttpRequest } from "../../network/HttpSender.ts"
import type { TokenFailure } from "./AccessToken.ts"
import { askForToken } from "./askForToken.ts"
import { type AwsCredentials, signAws } from "./AwsSignature.ts"
import type { AwsIdentity, ExternalAccount, UrlIdentity } from "./ExternalAccount.ts"

interface Get {
  readonly member: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly method?: HttpRequest["method"]
}

const ask = <A>(
  agents: Agents,
  { headers, member, method = "GET", url }: Get,
  read: (text: string) => Option.Option<A>
) =>
  askForToken(agents, {
    what: `credential_source.${member}`,
    secrets: [],
    silent: true,
    request: { method, url, headers },
    read
  })

const anyLine = (text: string) => Option.filter(Option.some(text.trim()), (line) => /^[\x20-\x7e]+$/.test(line))

const matching = (pattern: RegExp) => (text: string) => Option.filter(anyLine(text), (line) => pattern.test(line))

/** `us-east-2b` is a zone of `us-east-2`. */
const zone = matching(/^[a-z]{2}(-[a-z]+)+-\d+[a-z]$/)
const role = matching(/^[\w+=,.@-]{1,128}$/)

const Credentials = Schema.fromJsonString(Schema.Struct({
  AccessKeyId: Schema.NonEmptyString,
  SecretAccessKey: Schema.NonEmptyString,
  Token: Schema.optional(Schema.String)
}))
const decodeCredentials = Schema.decodeUnknownOption(Credentials)
const credentials = (text: string): Option.Option<AwsCredentials> =>
  Option.map(decodeCredentials(text), (read) => ({
    accessKeyId: read.AccessKeyId,
    secretAccessKey: read.SecretAccessKey,
    sessionToken: read.Token
  }))

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-v2-how-it-works.html */
const sessionHeaders = (agents: Agents, url: string | undefined) => {
  if (url === undefined) return Effect.succeed({})
  const request = {
    headers: { "X-aws-ec2-metadata-token-ttl-seconds": "300" },
    member: "imdsv2_session_token_url",
    url
  }
  return Effect.map(
    ask(agents, { ...request, method: "PUT" }, anyLine),
    (token): Readonly<Record<string, string>> => ({ "X-aws-ec2-metadata-token": token })
  )
}

const awsSubjectToken = Effect.fnUntraced(function*(
  agents: Agents,
  { credentialsUrl, regionUrl, sessionTokenUrl, verificationUrl }: AwsIdentity,
  audience: string
): Effect.fn.Return<string, TokenFailure> {
  const headers = yield* sessionHeaders(agents, sessionTokenUrl)
  const region = (yield* ask(agents, { member: "region_url", url: regionUrl, headers }, zone)).slice(0, -1)
  const name = yield* ask(agents, { member: "url", url: credentialsUrl, headers }, role)
  const url = `${credentialsUrl.replace(/\/$/, "")}/${name}`
  const found = yield* ask(agents, { member: "url", url, headers }, credentials)
  const verification = new URL(verificationUrl.replaceAll("{region}", region))
  const signed = signAws(
    {
      method: "POST",
      url: verification,
      // What was signed for one audience is of no use for another one.
      headers: { "x-goog-cloud-target-resource": audience },
      region,
      service: "sts"
    },
    found,
    yield* Clock.currentTimeMillis
  )
  const list = Object.entries(signed).map(([key, value]) => ({ key, value }))
  return encodeURIComponent(JSON.stringify({ url: verification.href, method: "POST", headers: list }))
})

const AnyObject = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown))
const readObject = Schema.decodeUnknownOption(AnyObject)

const member = (field: string) => (text: string): Option.Option<string> =>
  Option.flatMap(
    readObject(text),
    ({ [field]: value }) => typeof value === "string" && value !== "" ? Option.some(value) : Option.none()
  )

const urlSubjectToken = (agents: Agents, { field, headers, url }: UrlIdentity) =>
  ask(agents, { member: "url", url, headers }, field === undefined ? anyLine : member(field))

export const subjectToken = (
  agents: Agents,
  { audience, source }: ExternalAccount
): Effect.Effect<string, TokenFailure> =>
  source._tag === "Aws" ? awsSubjectToken(agents, source, audience) : urlSubjectToken(agents, source)
