/** How owners are told of what happens to their destinations; of what, and when: `docs/operations/notices.md`. */
import { isMailAddress, parseSmtpUrl } from "@tailrace/domain"
import { Effect, Option, type Redacted } from "effect"
import type { App } from "./App.ts"
import { needed, optional, redactedIf } from "./Setting.ts"

const of = ["control"] as const

const isWebUrl = (text: string): boolean => {
  const url = URL.parse(text)
  return (url?.protocol === "https:" || url?.protocol === "http:") && url.username === "" && url.password === ""
}

const parseAddresses = (text: string): Option.Option<ReadonlyArray<string>> => {
  const addresses = text.split(",").map((part) => part.trim())
  return addresses.every(isMailAddress) ? Option.some(addresses) : Option.none()
}

export const noticeSettings = {
  noticeWebhook: optional({
    name: "TAILRACE_NOTICE_WEBHOOK",
    of,
    does:
      "URL that gets each notice to an owner as a POST of JSON: a destination is suspended, recovers, loses records.",
    right: "an http or https URL without a user",
    secret: true,
    parse: redactedIf(isWebUrl)
  }, "none"),
  noticeSecret: optional({
    name: "TAILRACE_NOTICE_SECRET",
    of,
    does: "Signs these POSTs: `X-Tailrace-Signature` is the HMAC-SHA256 of time and body.",
    right: "at least 16 characters",
    secret: true,
    parse: redactedIf((text) => text.length >= 16)
  }, "not signed"),
  smtpUrl: optional({
    name: "TAILRACE_SMTP_URL",
    of,
    does: "Mail server for the same notices. With a password over `smtp://`, STARTTLS is required.",
    right: "smtp://HOST:PORT or smtps://USER:PASSWORD@HOST:PORT, with % escapes where needed",
    secret: true,
    parse: redactedIf((text) => Option.isSome(parseSmtpUrl(text)))
  }, "no mail"),
  noticeFrom: optional({
    name: "TAILRACE_NOTICE_FROM",
    of,
    does: "Sender of these mails. Needed with `TAILRACE_SMTP_URL`.",
    right: "an address such as tailrace@example.com",
    parse: (text) => Option.filter(Option.some(text), isMailAddress)
  }, "none"),
  noticeTo: optional({
    name: "TAILRACE_NOTICE_TO",
    of,
    does: "Who gets every notice by mail, separated by commas. A tailnet's Owner gets those of the tailnet.",
    right: "addresses such as ops@example.com,oncall@example.com",
    parse: parseAddresses
  }, "only the Owner")
} as const

/** Who is told, and how; none: nobody. */
export interface NoticeSettings {
  readonly webhook: Option.Option<
    { readonly url: Redacted.Redacted; readonly secret: Option.Option<Redacted.Redacted> }
  >
  readonly mail: Option.Option<
    { readonly url: Redacted.Redacted; readonly from: string; readonly to: ReadonlyArray<string> }
  >
}

const loadWebhook = Effect.gen(function*() {
  const secret = yield* noticeSettings.noticeSecret.value
  if (Option.isSome(secret)) {
    const url = yield* needed(noticeSettings.noticeWebhook, `${noticeSettings.noticeSecret.name} is set`)
    return Option.some({ url, secret })
  }
  return Option.map(yield* noticeSettings.noticeWebhook.value, (url) => ({ url, secret }))
})

const loadMail = Effect.gen(function*() {
  const [given, from, to] = yield* Effect.all([
    noticeSettings.smtpUrl.value,
    noticeSettings.noticeFrom.value,
    noticeSettings.noticeTo.value
  ])
  if (Option.isNone(given) && Option.isNone(from) && Option.isNone(to)) return Option.none()
  const other = Option.isSome(from) ? noticeSettings.noticeFrom : noticeSettings.noticeTo
  const url = yield* needed(noticeSettings.smtpUrl, `${other.name} is set`)
  const sender = yield* needed(noticeSettings.noticeFrom, `${noticeSettings.smtpUrl.name} is set`)
  return Option.some({ url, from: sender, to: Option.getOrElse(to, () => []) })
})

/** Ingest and delivery tell nobody. */
export const loadNotices = Effect.fnUntraced(function*(app: App) {
  if (app === "ingest" || app === "delivery") return { webhook: Option.none(), mail: Option.none() }
  const told: NoticeSettings = { webhook: yield* loadWebhook, mail: yield* loadMail }
  return told
})
