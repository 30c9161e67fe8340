/**
 * Adapter: how the SDK's requests go out, in the place of its own `NodeHttpHandler`, which would leave the guard's
 * agents for some requests, and which does not wait for `100 Continue` on agents that are not its own. Besides, the
 * error of a request says here whether the request had been sent as a whole.
 */
import type { NodeHttpHandler } from "@smithy/node-http-handler"
import { Duration } from "effect"
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http"
import { request as httpsRequest } from "node:https"
import type { Agents } from "../network/GuardedAgents.ts"
import { sendBody } from "../network/RequestBody.ts"
import { headersOf, limitTimes } from "../network/RequestTimes.ts"
import { userAgent } from "../UserAgent.ts"

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

const stalled = (after: Duration.Duration) => `no byte of the body was taken for ${Duration.toSeconds(after)} s`

/** S3's bodies are bytes; those of STS, whose protocol is forms, are texts. */
const piecesOf = (body: unknown): ReadonlyArray<Uint8Array> => {
  if (typeof body === "string") return body === "" ? [] : [Buffer.from(body)]
  return body instanceof Uint8Array ? [body] : []
}

const sendRequestBody = (request: ClientRequest, { body, headers }: Request, secure: boolean) =>
  sendBody(request, {
    pieces: piecesOf(body),
    askFirst: headers["Expect"] === "100-continue",
    secure
  })

const toResponse = (message: IncomingMessage): Response => ({
  response: {
    statusCode: message.statusCode ?? 0,
    reason: message.statusMessage ?? "",
    headers: { ...headersOf(message) },
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
    const answer = Promise.withResolvers<Response>()
    let sent = false
    const outgoing = (secure ? httpsRequest : httpRequest)(optionsOf(request, this.#agents, signal))
    outgoing.once("finish", () => void (sent = true))
    outgoing.once("response", (message) => answer.resolve(toResponse(message)))
    outgoing.on("error", (error) => answer.reject(Object.assign(error, { sent })))
    limitTimes(outgoing, { secure, isSent: () => sent, stalled })
    sendRequestBody(outgoing, request, secure)
    return answer.promise
  }

  /** The agents are the guard's: one pair for all clients. */
  destroy(): void {}

  updateHttpClientConfig(): void {}

  httpHandlerConfigs() {
    return {}
  }
}
