/** A plain HTTP client to a process that may be dead: what comes back, or nothing. Speaks as an Owner. */
import { Effect, Option } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { ownerKey } from "./Tailrace.ts"

export interface Reply {
  readonly status: number
  readonly text: string
}

export interface Ask {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  /** From the root, with a slash. */
  readonly path: string
  readonly body?: string
  /** The whole `Authorization` header; by default the Owner's key. */
  readonly authorization?: string
  readonly contentType?: string
}

const owner = `Basic ${Buffer.from(`${ownerKey}:`).toString("base64")}`

/** None: nobody answered, or the answer was cut. */
export const ask = Effect.fn("ask")(function*(url: string, options: Ask) {
  const { authorization = owner, body, contentType = "application/json", method, path } = options
  const client = yield* HttpClient.HttpClient
  const bare = HttpClientRequest.make(method)(`${url}${path}`, { headers: { authorization } })
  const request = body === undefined ? bare : HttpClientRequest.bodyText(bare, body, contentType)
  return yield* client.execute(request).pipe(
    Effect.flatMap((response) => Effect.map(response.text, (text): Reply => ({ status: response.status, text }))),
    Effect.timeout("15 seconds"),
    Effect.option
  )
})

/** For calls that must succeed: the parsed answer. */
export const askWell = Effect.fn("askWell")(function*(url: string, options: Ask) {
  const reply = Option.getOrUndefined(yield* ask(url, options))
  if (reply?.status !== 200) {
    return yield* Effect.die(new Error(`${options.method} ${options.path}: ${reply?.status} ${reply?.text}`))
  }
  return reply.text
})
