import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Redacted } from "effect"
import { createHmac } from "node:crypto"
import { createServer, type IncomingMessage } from "node:http"
import type { Server } from "node:net"
import { SMTPServer } from "smtp-server"
import { mail, webhook } from "../src/notices/index.ts"
import type { Notice } from "../src/notices/Notice.ts"

const notice: Notice = {
  version: 1,
  id: "0123456789abcdef0123456789abcdef",
  kind: "suspended",
  time: "2026-01-01T00:02:00.000Z",
  tailnet: "acme.io",
  destination: { id: "dst_a", name: "Größe\u2028 Bcc: evil@acme.io", type: "splunk", logType: "network" },
  message: "Größe is suspended: nothing is sent to it, and nothing is lost yet.",
  advice: "Mend what the last error names.",
  since: "2026-01-01T00:00:00.000Z",
  lastError: "403 Forbidden: <b>token</b> is not active",
  nextProbe: "2026-01-01T00:05:00.000Z",
  pending: { records: 1, isExact: false, oldestSeconds: 7300, secondsUntilLoss: 2_000_000 }
}

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

interface Received {
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

/** Answers with `status`; `0`: not at all. */
const listen = (status: number) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: string; readonly received: Array<Received>; readonly close: () => void }>(
      (resume) => {
        const received: Array<Received> = []
        const server = createServer((request, response) => {
          const parts: Array<Buffer> = []
          request.on("data", (part: Buffer) => parts.push(part)).on("end", () => {
            received.push({ headers: request.headers, body: Buffer.concat(parts).toString() })
            if (status === 0) request.socket.destroy()
            else response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end("no")
          })
        })
        server.listen(0, "127.0.0.1", () => {
          const port = portOf(server)
          resume(Effect.succeed({
            url: `http://127.0.0.1:${port}/hook?token=t0ken`,
            received,
            close: () => server.close()
          }))
        })
      }
    ),
    ({ close }) => Effect.sync(close)
  )

const webhookTo = (url: string, secret?: string) =>
  webhook({ url: Redacted.make(url), secret: Option.map(Option.fromUndefinedOr(secret), Redacted.make) }).pipe(
    Effect.provide(NodeHttpClient.layerNodeHttp)
  )

describe("a webhook", () => {
  it.live("gets the notice as JSON, signed over time and body", () =>
    Effect.gen(function*() {
      const { received, url } = yield* listen(204)
      yield* (yield* webhookTo(url, "shared")).tell(notice, undefined)
      const [{ body, headers } = { body: "", headers: {} }] = received
      assert.deepStrictEqual(JSON.parse(body), notice)
      assert.strictEqual(headers["content-type"], "application/json")
      assert.strictEqual(headers["x-tailrace-notice"], notice.id)
      assert.notProperty(headers, "traceparent")
      const time = String(headers["x-tailrace-timestamp"])
      assert.match(time, /^\d{10}$/)
      const signature = createHmac("sha256", "shared").update(`${time}.${body}`).digest("hex")
      assert.strictEqual(headers["x-tailrace-signature"], `v1=${signature}`)
    }))

  it.live("without a secret gets no signature", () =>
    Effect.gen(function*() {
      const { received, url } = yield* listen(200)
      yield* (yield* webhookTo(url)).tell(notice, undefined)
      assert.notProperty(received[0]?.headers, "x-tailrace-signature")
    }))

  it.live.each([[302, /answered 302/], [500, /answered 500/], [0, /cannot be reached/]] as const)(
    "that answers %s has not taken it, and its address is not told",
    ([status, reason]) =>
      Effect.gen(function*() {
        const { received, url } = yield* listen(status)
        const error = yield* Effect.flip((yield* webhookTo(url)).tell(notice, undefined))
        assert.match(error.message, reason)
        assert.notInclude(JSON.stringify(error), "t0ken")
        assert.strictEqual(received.length, 1)
      })
  )
})

interface Message {
  readonly to: ReadonlyArray<string>
  readonly user: string
  readonly secure: boolean
  readonly text: string
}

const password = "p@ss/word"

/** A small mail server that wants a password, and refuses mail to `refused@…`. */
const smtp = (options: { readonly hides?: ReadonlyArray<string> } = {}) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly port: number; readonly messages: Array<Message>; readonly close: () => void }>(
      (resume) => {
        const messages: Array<Message> = []
        const server = new SMTPServer({
          allowInsecureAuth: true,
          disabledCommands: [...options.hides ?? ["STARTTLS"]],
          onAuth: (auth, _, done) =>
            auth.password === password
              ? done(null, { user: auth.username })
              : done(new Error(`535 not ${auth.password}`)),
          onRcptTo: ({ address }, _, done) =>
            done(address.startsWith("refused@") ? new Error("550 no such user") : null),
          onData: (stream, session, done) => {
            const parts: Array<Buffer> = []
            stream.on("data", (part: Buffer) => parts.push(part)).on("end", () => {
              messages.push({
                to: session.envelope.rcptTo.map(({ address }) => address),
                user: String(session.user),
                secure: session.secure,
                text: Buffer.concat(parts).toString()
              })
              done()
            })
          }
        })
        const listening = server.listen(0, () => {
          const port = portOf(listening)
          resume(Effect.succeed({ port, messages, close: () => server.close() }))
        })
      }
    ),
    ({ close }) => Effect.sync(close)
  )

const mailTo = (url: string, to: ReadonlyArray<string> = ["ops@acme.io"]) =>
  Option.getOrThrow(mail({ url: Redacted.make(url), from: "tailrace@acme.io", to }))

const login = `olga:${encodeURIComponent(password)}`

describe("mail", () => {
  it.live("goes to the operator and to the Owner, each by itself, as plain text", () =>
    Effect.gen(function*() {
      const { messages, port } = yield* smtp()
      yield* mailTo(`smtp://${login}@127.0.0.1:${port}`).tell(notice, "owner@acme.io")
      assert.deepStrictEqual(messages.map(({ to }) => to), [["ops@acme.io"], ["owner@acme.io"]])
      const [{ text, user } = { text: "", user: "" }] = messages
      assert.strictEqual(user, "olga")
      assert.match(text, /^From: tailrace@acme\.io\r$/m)
      assert.match(text, /^Content-Type: text\/plain; charset=utf-8\r$/m)
      assert.match(text, /^Auto-Submitted: auto-generated\r$/m)
      assert.match(text, new RegExp(`^X-Tailrace-Notice: ${notice.id}\\r$`, "m"))
      assert.match(text, /^Subject: =\?UTF-8\?/m)
      assert.notMatch(text, /^Bcc:/m)
      const body = text.slice(text.indexOf("\r\n\r\n")).replace(/=\r\n/g, "")
      assert.include(body, "Lost in:     23 days")
      assert.include(body, "about 1 record, the oldest 2 hours old")
      assert.include(body, "403 Forbidden: <b>token</b> is not active")
    }))

  it.live("of one recipient waits for no other, and is not sent twice when the other is tried again", () =>
    Effect.gen(function*() {
      const { messages, port } = yield* smtp()
      const channel = mailTo(`smtp://${login}@127.0.0.1:${port}`, ["refused@acme.io", "ops@acme.io"])
      for (let attempt = 0; attempt < 3; attempt++) {
        const error = yield* Effect.flip(channel.tell(notice, "owner@example.com"))
        assert.match(error.message, /550 no such user/)
      }
      assert.deepStrictEqual(messages.map(({ to }) => to), [["ops@acme.io"]])
    }))

  it.live("a wrong password is told without it", () =>
    Effect.gen(function*() {
      const { messages, port } = yield* smtp()
      const error = yield* Effect.flip(mailTo(`smtp://olga:s3cr%40t@127.0.0.1:${port}`).tell(notice, undefined))
      assert.match(error.message, /^the mail server did not take it: .*535/)
      assert.notInclude(error.message, "s3cr@t")
      assert.deepStrictEqual(messages, [])
    }))

  it.live("a server that nobody listens at is told of", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(mailTo("smtp://127.0.0.1:1").tell(notice, undefined))
      assert.match(error.message, /^the mail server did not take it: .*ECONNREFUSED/)
    }))

  it.live("a password is not sent in the clear, nor to a server with a certificate that nobody trusts", () =>
    Effect.gen(function*() {
      for (const [hides, reason] of [[["STARTTLS"], /STARTTLS/], [[], /certificate/]] as const) {
        const { messages, port } = yield* smtp({ hides })
        // The same machine, but by an address that is not known as the loopback.
        const error = yield* Effect.flip(mailTo(`smtp://${login}@[::ffff:127.0.0.1]:${port}`).tell(notice, undefined))
        assert.match(error.message, reason)
        assert.deepStrictEqual(messages, [])
      }
    }))

  it.live("a relay on this machine needs no certificate", () =>
    Effect.gen(function*() {
      const { messages, port } = yield* smtp({ hides: [] })
      yield* mailTo(`smtp://${login}@127.0.0.1:${port}`).tell(notice, undefined)
      assert.deepStrictEqual(messages.map(({ secure }) => secure), [false])
    }))
})
