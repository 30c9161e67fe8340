/**
 * Adapter: how the SDK's requests go out, in the place of its own `NodeHttpHandler`, which would leave the guard's agents
 * for some requests, and which does not wait for `100 Continue` on agents that are not its own. Besides, the error of a
 * request says here whether the request had been sent as a whole.
 */
import type { NodeHttpHandler } from "@smithy/node-http-handler"
import { Duration } from "effect"
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http"
import { request as httpsRequest } from "node:https"
import type { Agents } from "../network/GuardedAgents.ts"
import { userAgent } from "../UserAgent.ts"
import { connectTimeout, continueTimeout } from "./S3Limits.ts"

type Handle = NodeHttpHandler["handle"]
type Request = Parameters<Handle>[0]
type Response = Awaited<ReturnType<Handle>>

const queryOf = (query: Request["query"]) =>
  Object.entries(query).flatMap(([name, value]) =>
    [value ?? ""].flat().map((item) => `${encodeURIComponent(name)}=${encodeURIComponent(item)}`)
  ).join("&")

const pathOf = ({ path, query }: Request) => {
  const parts = queryOf(query)
  return parts === "" ? path : `${path}?${parts}`
}

const optionsOf = (request: Request, agents: Agents, signal: AbortSignal | undefined) => ({
  host: request.hostname.replace(/^\[|\]$/g, ""),
  port: request.port,
  method: request.method,
  path: pathOf(request),
  headers: { ...request.headers, "user-agent": userAgent },
  agent: request.protocol === "https:" ? agents.https : agents.http,
  ...(signal === undefined ? {} : { signal })
})

const connectTimedOut = () =>
  Object.assign(new Error(`no connection within ${Duration.toSeconds(connectTimeout)} s`), {
    code: "ETIMEDOUT",
    syscall: "connect"
  })

const onConnected = (request: ClientRequest, secure: boolean, run: () => void) =>
  request.once("socket", (socket) => {
    if (request.reusedSocket || !socket.connecting) run()
    else socket.once(secure ? "secureConnect" : "connect", run)
  })

const limitConnecting = (request: ClientRequest, secure: boolean) => {
  const timer = setTimeout(() => request.destroy(connectTimedOut()), Duration.toMillis(connectTimeout))
  onConnected(request, secure, () => clearTimeout(timer))
  request.once("close", () => clearTimeout(timer))
}

/** Sends the body when the server asks for it, or has not said anything for a while; never after a final answer. */
const sendWhenAsked = (request: ClientRequest, body: Uint8Array, secure: boolean) => {
  let timer: NodeJS.Timeout | undefined
  let settled = false
  const settle = (run: () => void) => {
    clearTimeout(timer)
    if (!settled) run()
    settled = true
  }
  request.once("continue", () => settle(() => request.end(body)))
  // The connection cannot be used again: the server may still expect the body on it.
  request.once("response", (response) => settle(() => response.once("close", () => request.destroy())))
  request.once("close", () => settle(() => undefined))
  onConnected(request, secure, () => {
    if (!settled) timer = setTimeout(() => settle(() => request.end(body)), Duration.toMillis(continueTimeout))
  })
}

const sendBody = (request: ClientRequest, { body, headers }: Request, secure: boolean) => {
  const bytes = body instanceof Uint8Array ? body : new Uint8Array(0)
  if (headers["Expect"] === "100-continue" || headers["expect"] === "100-continue") {
    sendWhenAsked(request, bytes, secure)
  } else request.end(bytes)
}

const toResponse = (message: IncomingMessage): Response => ({
  response: {
    statusCode: message.statusCode ?? 0,
    reason: message.statusMessage ?? "",
    headers: Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")])
    ),
    body: message
  }
})

export class S3Handler {
  readonly metadata = { handlerProtocol: "http/1.1" }
  readonly #agents: Agents

  constructor(agents: Agents) {
    this.#agents = agents
  }

  handle(...[request, options]: Parameters<Handle>): Promise<Response> {
    const secure = request.protocol === "https:"
    const signal = options?.abortSignal instanceof AbortSignal ? options.abortSignal : undefined
    return new Promise((resolve, reject) => {
      let sent = false
      const outgoing = (secure ? httpsRequest : httpRequest)(optionsOf(request, this.#agents, signal))
      outgoing.once("finish", () => void (sent = true))
      outgoing.once("response", (message) => resolve(toResponse(message)))
      outgoing.on("error", (error) => reject(Object.assign(error, { sent })))
      limitConnecting(outgoing, secure)
      sendBody(outgoing, request, secure)
    })
  }

  /** The agents are the guard's: one pair for all clients. */
  destroy(): void {}

  updateHttpClientConfig(): void {}

  httpHandlerConfigs() {
    return {}
  }
}
