/** What may stand in the place of a service: answers and accidents that every store must survive, with their class. */
import type { Answer, Inspection } from "@tailrace/domain"
import { Effect, type Scope } from "effect"
import { httpServer, httpsServer, tcpServer } from "./listening.ts"

export interface Misfortune {
  readonly name: string
  /** Its URL. */
  readonly serve: Effect.Effect<string, never, Scope.Scope>
  readonly means: "Transient" | "Misconfigured"
  /** `show` of the answer to a put. */
  readonly expected: RegExp
}

/** One line: class, status, pause, whether it may be stored, and what an owner reads. */
export const show = (answer: Answer | Inspection): string => {
  if (answer._tag === "Transient") {
    const { maybeStored, message, retryAfterMillis, status } = answer
    return `Transient ${status} ${retryAfterMillis} ${maybeStored ? "maybe" : "not"}: ${message}`
  }
  return answer._tag === "Misconfigured" || answer._tag === "Failed"
    ? `${answer._tag} ${answer.status}: ${answer.message}`
    : answer._tag
}

const page = "<html><head><style>p{}</style></head><body><h1>502</h1>\n<p>Bad Gateway<br></body></html>"

const slowly = (text: string) =>
  tcpServer((socket) => {
    socket.resume()
    let at = 0
    const timer = setInterval(() => {
      if (at < text.length) socket.write(text.slice(at, at += 3))
      else socket.end()
    }, 2)
    socket.on("close", () => clearInterval(timer))
  })

export const misfortunes: ReadonlyArray<Misfortune> = [
  {
    name: "a redirect is not followed",
    serve: httpServer((_, response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end()),
    means: "Misconfigured",
    expected: /^Misconfigured 302: HTTP 302$/
  },
  {
    name: "a proxy's page",
    serve: httpServer((_, response) => response.writeHead(502, { "content-type": "text/html" }).end(page)),
    means: "Transient",
    expected: /^Transient 502 null maybe: HTTP 502: 502 Bad Gateway$/
  },
  {
    name: "a page of a network that wants its user to sign in",
    serve: httpServer((_, response) => response.end("<html><body>Sign in</body></html>")),
    means: "Transient",
    expected: /^Transient 200 null maybe: HTTP 200: is not an answer of /
  },
  {
    name: "too many requests, with a date",
    serve: httpServer((_, response) =>
      response.writeHead(429, { "retry-after": new Date(Date.now() + 60_000).toUTCString() }).end()
    ),
    means: "Transient",
    expected: /^Transient 429 (5[89]|60)\d{3} not: HTTP 429$/
  },
  {
    name: "unavailable, with seconds",
    serve: httpServer((_, response) => response.writeHead(503, { "retry-after": "7" }).end()),
    means: "Transient",
    expected: /^Transient 503 7000 maybe: HTTP 503$/
  },
  {
    name: "an error of 10 MB",
    serve: httpServer((_, response) => response.writeHead(500).end("e".repeat(10_000_000))),
    means: "Transient",
    expected: /^Transient 500 null maybe: HTTP 500: e{289,290}$/
  },
  {
    name: "control characters",
    serve: httpServer((_, response) => response.writeHead(404).end("no\u001b[31m\u0000 such page\n\n")),
    means: "Misconfigured",
    expected: /^Misconfigured 404: HTTP 404: no \[31m +such page$/
  },
  {
    name: "an answer in small pieces",
    serve: slowly("HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\ngo\r\n away!"),
    means: "Misconfigured",
    expected: /^Misconfigured 403: HTTP 403: go +away!$/
  },
  {
    name: "another protocol",
    serve: tcpServer((socket) => socket.resume().end("SSH-2.0-OpenSSH_9.2\r\n")),
    means: "Transient",
    expected: /^Transient null null (maybe|not): (HPE_|ECONNRESET|EPIPE)/
  },
  {
    name: "headers without end",
    serve: tcpServer((socket) => socket.resume().end(`HTTP/1.1 200 OK\r\nx: ${"h".repeat(100_000)}`)),
    means: "Transient",
    expected: /^Transient null null (maybe|not): /
  },
  {
    name: "a connection that is closed without an answer",
    serve: tcpServer((socket) => socket.once("data", () => socket.end())),
    means: "Transient",
    expected: /^Transient null null maybe: ECONNRESET/
  },
  {
    name: "an answer that is cut",
    serve: tcpServer((socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"na"))
    ),
    means: "Transient",
    expected: /^Transient null null maybe: ECONNRESET/
  },
  {
    name: "nobody",
    serve: Effect.scoped(tcpServer(() => undefined)),
    means: "Transient",
    expected: /^Transient null null not: ECONNREFUSED/
  },
  {
    name: "HTTPS to a server that speaks HTTP",
    serve: Effect.map(httpServer((_, response) => response.end()), (url) => url.replace("http:", "https:")),
    means: "Misconfigured",
    expected: /^Misconfigured null: (EPROTO|ERR_SSL)/
  },
  {
    name: "a certificate of nobody's",
    serve: Effect.map(httpsServer("tls", (_, response) => response.end()), (port) => `https://s3.test:${port}`),
    means: "Misconfigured",
    expected: /^Misconfigured null: DEPTH_ZERO_SELF_SIGNED_CERT/
  }
]
