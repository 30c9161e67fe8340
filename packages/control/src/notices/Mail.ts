/** Notices by mail: one message to each recipient, over the operator's SMTP server. Adapter to nodemailer. */
import { isDeliverable, parseSmtpUrl } from "@tailrace/domain"
import { Effect, Option, Redacted } from "effect"
import { isIP } from "node:net"
import { createTransport, type Transporter } from "nodemailer"
import { type Channel, NotTold } from "./Channel.ts"
import { mailOf, type Notice } from "./Notice.ts"

export interface MailOptions {
  /** `smtp://` (STARTTLS where offered, required with a password) or `smtps://`, `user:password@host:port`. */
  readonly url: Redacted.Redacted
  readonly from: string
  /** Get every notice; a tailnet's Owner gets those of the tailnet besides. */
  readonly to: ReadonlyArray<string>
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "[::1]" || (isIP(host) === 4 && host.startsWith("127."))

const connect = (url: URL): Transporter => {
  const secure = url.protocol === "smtps:"
  const auth = url.username === ""
    ? {}
    : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }
  return createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (secure ? 465 : 587) : Number(url.port),
    secure,
    // A password is not sent where somebody could listen; STARTTLS alone could be stripped.
    requireTLS: !secure && url.username !== "" && !isLoopback(url.hostname),
    // A relay on the same machine seldom has a certificate that anybody trusts, and needs none.
    ignoreTLS: !secure && isLoopback(url.hostname),
    connectionTimeout: 10_000,
    dnsTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...auth
  })
}

/** The server's words without the password. */
const reasonOf = (cause: unknown, url: URL): string => {
  const text = cause instanceof Error ? cause.message : "unknown"
  const secrets = [url.password, decodeURIComponent(url.password)].filter((secret) => secret !== "")
  const cut = secrets.reduce((words, secret) => words.replaceAll(secret, "***"), text)
  return `the mail server did not take it: ${cut.replace(/\s+/g, " ").slice(0, 300)}`
}

const messageTo = (notice: Notice, from: string, to: string) => ({
  from,
  to,
  ...mailOf(notice),
  messageId: `<${notice.id}.${Buffer.from(to).toString("hex").slice(0, 40)}@tailrace.invalid>`,
  headers: { "Auto-Submitted": "auto-generated", "X-Tailrace-Notice": notice.id }
})

/** `None`: the URL is none. Connections last for one message. */
export const mail = ({ from, to, url }: MailOptions): Option.Option<Channel> =>
  Option.map(parseSmtpUrl(Redacted.value(url)), (parsed): Channel => {
    const transport = connect(parsed)
    const taken = new Set<string>()
    const send = (notice: Notice, recipient: string) => {
      const key = `${notice.id}/${recipient}`
      if (taken.has(key)) return Effect.void
      return Effect.tryPromise({
        try: () => transport.sendMail(messageTo(notice, from, recipient)),
        catch: (cause) => new NotTold({ reason: reasonOf(cause, parsed) })
      }).pipe(Effect.andThen(Effect.sync(() => remember(taken, key))))
    }
    return {
      name: "mail",
      tell: (notice, owner) => {
        const owners = owner !== undefined && isDeliverable(owner) ? [owner] : []
        const recipients = new Set([...to, ...owners])
        // Nobody's mail waits for another's; the first failure is told when all were tried.
        return Effect.forEach(recipients, (recipient) => Effect.exit(send(notice, recipient))).pipe(
          Effect.flatMap((exits) => Effect.all(exits, { discard: true }))
        )
      }
    }
  })

/** Who has a message already when another recipient's is tried again. */
const maxRemembered = 1000

const remember = (taken: Set<string>, key: string): void => {
  if (taken.size >= maxRemembered) taken.clear()
  taken.add(key)
}
