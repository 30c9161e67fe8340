/** Adapter: node's HTTP messages in, replies out. Each request is checked before its body is read. */
import { Cause, Clock, Effect, Option, type Redacted, Result } from "effect"
import { randomBytes } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { pipeline } from "node:stream/promises"
import { parseTarget } from "./Address.ts"
import type { Folder } from "./Folder.ts"
import { run } from "./Operation.ts"
import { type Reply, type Request, xml } from "./Request.ts"
import { S3Error, s3Error } from "./S3Error.ts"
import { queryPairs, type Session, type SignedRequest, verify } from "./SigV4.ts"
import { document } from "./Xml.ts"

export interface Site {
  readonly folder: Folder
  /** Secret access key by access key id. */
  readonly credentials: ReadonlyMap<string, string>
  readonly sessions: (accessKeyId: string) => Session | undefined
  readonly domains: ReadonlyArray<string>
}

/** Kept out of this file's logs and answers. */
export interface Credential {
  readonly accessKeyId: string
  readonly secretAccessKey: Redacted.Redacted
}

const headersOf = (message: IncomingMessage): SignedRequest["headers"] =>
  Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : value])
  )

const signedOf = (message: IncomingMessage): SignedRequest => ({
  method: message.method ?? "",
  target: message.url ?? "/",
  headers: headersOf(message)
})

const toRequest = (site: Site, message: IncomingMessage, goOn: () => void): Result.Result<Request, S3Error> => {
  const { headers, method, target } = signedOf(message)
  const query = Option.getOrElse(queryPairs(target), () => [])
  return Result.map(parseTarget({ domains: site.domains, host: headers["host"] ?? "", target }), (place) => ({
    ...place,
    method,
    headers,
    query: new Map(query),
    body: () => {
      goOn()
      return message
    }
  }))
}

const errorReply = (error: S3Error, message: IncomingMessage): Reply =>
  message.method === "HEAD" ? { status: error.status, headers: {}, body: "" } : xml(
    error.status,
    document(["Error", [["Code", error.code], ["Message", error.message], ["Resource", message.url ?? "/"]]])
  )

const end = (response: ServerResponse, text: string) =>
  Effect.callback<void>((resume) => {
    response.once("close", () => resume(Effect.void)).end(text)
  })

const send = (response: ServerResponse, { body, headers, status }: Reply) =>
  Effect.suspend(() => {
    response.writeHead(status, { ...headers, "x-amz-request-id": randomBytes(8).toString("hex").toUpperCase() })
    return typeof body === "string"
      ? end(response, body)
      : Effect.promise((signal) => pipeline(body, response, { signal }))
  })

const answer = Effect.fnUntraced(function*(site: Site, message: IncomingMessage, goOn: () => void) {
  const nowMillis = yield* Clock.currentTimeMillis
  const { credentials, sessions } = site
  yield* Effect.fromResult(verify(signedOf(message), { credentials, sessions, nowMillis }))
  const request = yield* Effect.fromResult(toRequest(site, message, goOn))
  return yield* run(site.folder, request)
})

export interface Exchange {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  /** Sends `100 Continue` to a client that waits for it. */
  readonly goOn: () => void
}

/** Always answers, unless the client has gone. */
export const serveOne = (site: Site, { goOn, message, response }: Exchange) =>
  answer(site, message, goOn).pipe(
    Effect.catchCause((cause) =>
      Option.match(Cause.findErrorOption(cause), {
        onSome: (error) => Effect.succeed(errorReply(error, message)),
        onNone: () => Effect.as(Effect.logError("S3 server", cause), errorReply(s3Error("InternalError"), message))
      })
    ),
    Effect.flatMap((reply) => send(response, reply)),
    // A refused body is read to its end, or the client would see a broken connection instead of the answer.
    Effect.ensuring(Effect.sync(() => message.resume())),
    Effect.scoped,
    Effect.ignoreCause
  )
