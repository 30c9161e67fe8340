/** What no other route takes: JSON as well, 405 where the path exists for other methods. Mounted behind all routes. */
import { TailraceApi } from "@tailrace/api"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApi } from "effect/http-api"

interface KnownPath {
  readonly method: string
  readonly form: RegExp
}

const formOf = (path: string): RegExp => new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}/?$`)

const knownPaths = (): ReadonlyArray<KnownPath> => {
  const known: Array<KnownPath> = []
  HttpApi.reflect(TailraceApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint }) => void known.push({ method: endpoint.method, form: formOf(endpoint.path) })
  })
  return known
}

const answer = (known: ReadonlyArray<KnownPath>, { method, url }: HttpServerRequest.HttpServerRequest) => {
  const path = url.replace(/[?#].*$/, "")
  const methods = known.filter(({ form }) => form.test(path)).map((it) => it.method)
  if (methods.length === 0) return HttpServerResponse.jsonUnsafe({ message: "not found" }, { status: 404 })
  return HttpServerResponse.jsonUnsafe(
    { message: `method ${method} is not possible here, only ${methods.join(", ")}` },
    { status: 405, headers: { allow: methods.join(", ") } }
  )
}

/** Not for HEAD: the router serves that from GET routes, and an answer to it has no body. */
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const

export const UnknownPaths = Layer.mergeAll(
  Layer.empty,
  ...methods.map((method) => {
    const known = knownPaths()
    return HttpRouter.add(
      method,
      "/*",
      Effect.map(HttpServerRequest.HttpServerRequest, (request) => answer(known, request))
    )
  })
)
