/**
 * Who this installation is to AWS: needed for destinations that use an IAM role, and for nothing else. What is done
 * with it is in `Foundation.ts`.
 */
import { Effect, Option, Redacted } from "effect"
import type { App } from "./App.ts"
import { needed, optional, redactedIf, withDefault } from "./Setting.ts"

const of: ReadonlyArray<App> = ["control", "delivery"]

const matching = (form: RegExp) => (text: string): Option.Option<string> =>
  form.test(text) ? Option.some(text) : Option.none()

/** Printable, in one piece. */
const isCredential = (text: string): boolean => /^[\x21-\x7e]{16,4096}$/.test(text)

const parseEndpoint = (text: string): Option.Option<string> => {
  const url = URL.parse(text)
  const isRight = url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.username === ""
  return isRight ? Option.some(text.replace(/\/+$/, "")) : Option.none()
}

/** In the order of the table. */
export const awsSettings = {
  awsAccountId: optional({
    name: "TAILRACE_AWS_ACCOUNT_ID",
    of,
    does: "AWS account of the access key below: the principal that customers' roles have to trust.",
    right: "12 digits",
    parse: matching(/^\d{12}$/)
  }, "none: no roles"),
  awsAccessKeyId: optional({
    name: "TAILRACE_AWS_ACCESS_KEY_ID",
    of,
    does: "Access key whose user assumes the IAM roles of `s3` destinations (`sts:AssumeRole` is all it may need).",
    right: "the key's id, such as AKIAIOSFODNN7EXAMPLE",
    parse: matching(/^\w{16,128}$/)
  }, "none: no roles"),
  awsSecretAccessKey: optional({
    name: "TAILRACE_AWS_SECRET_ACCESS_KEY",
    of,
    does: "Its secret.",
    right: "the key's secret",
    secret: true,
    parse: redactedIf(isCredential)
  }, "none: no roles"),
  awsSessionToken: optional({
    name: "TAILRACE_AWS_SESSION_TOKEN",
    of,
    does: "Its session token, if the access key is a temporary one; it is not renewed.",
    right: "the token that came with the key",
    secret: true,
    parse: redactedIf(isCredential)
  }, "none"),
  stsEndpoint: withDefault({
    name: "TAILRACE_STS_ENDPOINT",
    of,
    does: "AWS STS, of any region. A private address has to be among `TAILRACE_ALLOW_ENDPOINTS`.",
    right: "a URL such as https://sts.eu-west-1.amazonaws.com",
    parse: parseEndpoint
  }, "https://sts.us-east-1.amazonaws.com")
} as const

const keySettings = [
  awsSettings.awsAccountId,
  awsSettings.awsAccessKeyId,
  awsSettings.awsSecretAccessKey,
  awsSettings.awsSessionToken
] as const

/** All that is needed, once one of them is set. None: this installation assumes no roles. */
const loadAll = Effect.gen(function*() {
  const given: Array<string> = []
  for (const setting of keySettings) {
    const value: Option.Option<string | Redacted.Redacted> = yield* setting.value
    if (Option.isSome(value)) given.push(setting.name)
  }
  const [first] = given
  if (first === undefined) return Option.none()
  const because = `${first} is set`
  return Option.some({
    account: yield* needed(awsSettings.awsAccountId, because),
    keys: {
      accessKeyId: yield* needed(awsSettings.awsAccessKeyId, because),
      secretAccessKey: yield* needed(awsSettings.awsSecretAccessKey, because),
      sessionToken: yield* awsSettings.awsSessionToken.value
    },
    stsEndpoint: yield* awsSettings.stsEndpoint.value
  })
})

/** Ingest opens no destination and shall not have the key. */
export const loadAws = (app: App) => app === "ingest" ? Effect.succeedNone : loadAll
