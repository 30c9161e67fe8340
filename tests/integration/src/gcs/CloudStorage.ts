/** The smallest Cloud Storage: it takes uploads from those who show a token that it knows, and refuses others. */
import { Effect } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { httpServer } from "../store/listening.ts"

export interface CloudStorage {
  readonly url: string
  /** `Authorization` of each request, in order. */
  readonly shown: Array<string>
  /** Whether a token counts. */
  accepts: (token: string) => boolean
}

const refuse = (response: ServerResponse) =>
  response.writeHead(401, { "content-type": "application/json" }).end(JSON.stringify({
    error: {
      code: 401,
      message: "Invalid Credentials",
      errors: [{ reason: "authError", message: "Invalid Credentials" }]
    }
  }))

const nameOf = (request: IncomingMessage) => {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://storage")
  return searchParams.get("name") ?? decodeURIComponent(pathname.split("/o/")[1] ?? "")
}

/** Until the scope closes. */
export const cloudStorage = Effect.gen(function*() {
  const url = yield* httpServer((request, response) => {
    const authorization = request.headers.authorization ?? ""
    storage.shown.push(authorization)
    request.resume().once("end", () => {
      if (!storage.accepts(authorization.replace("Bearer ", ""))) refuse(response)
      else response.end(JSON.stringify({ name: nameOf(request), metadata: { seal: "s_1" } }))
    })
  })
  const storage: CloudStorage = { url, shown: [], accepts: () => true }
  return storage
})
