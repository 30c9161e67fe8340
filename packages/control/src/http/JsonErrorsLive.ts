/**
 * Makes every answer that is not a success an `ApiError`: bodies that do not decode, a wrong content type, a body that
 * is too large, a bug. No answer repeats what was sent: it could be a secret.
 */
import {
  type ApiError,
  BadRequest,
  BodyTooLarge,
  InternalFailure,
  JsonErrors,
  Missing,
  UnsupportedMedia
} from "@tailrace/api"
import { ByteSize, Effect, Layer, SchemaIssue } from "effect"
import { Headers, HttpIncomingMessage, HttpServerError, HttpServerRequest } from "effect/http"
import { HttpApiError } from "effect/http-api"

/** Largest body of an administrative request. */
export const maxBodyBytes = 262_144

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) => {
    if (issue._tag === "MissingKey") return "is required"
    if (issue._tag === "UnexpectedKey") return "is not a known field"
    return SchemaIssue.defaultLeafHook(issue)
  }
})

const nameOf = (segment: PropertyKey | { readonly key: PropertyKey }): string =>
  String(typeof segment === "object" ? segment.key : segment)

type Problem = ReturnType<typeof issuesOf>["issues"][number]

const sentence = ({ message, path = [] }: Problem): string => {
  const field = path.map(nameOf).join(".")
  if (field !== "") return `${field} ${message.replace(/^Expected /, "must be ")}`
  return message === "Expected a valid JSON body" ? "the body must be valid JSON" : "the body must be a JSON object"
}

/** One sentence for each field, each beginning with its name. */
const explain = ({ cause, kind }: HttpApiError.HttpApiSchemaError): ApiError => {
  if (kind === "Params") return new Missing({ message: "not found" })
  if (kind === "Body" || kind === "ResponseHeaders") return new InternalFailure({ message: "internal server error" })
  return new BadRequest({ message: issuesOf(cause.issue).issues.map(sentence).join("; ") })
}

const unexpected = (defect: unknown): Effect.Effect<never, ApiError> => {
  const reason = defect instanceof HttpServerError.HttpServerError ? defect.reason : undefined
  if (reason?._tag !== "RequestParseError") {
    return Effect.logError("a request failed unexpectedly", defect).pipe(
      Effect.andThen(Effect.fail(new InternalFailure({ message: "internal server error" })))
    )
  }
  return reason.reason === "BodyTooLarge"
    ? Effect.fail(new BodyTooLarge({ message: `the body is larger than ${maxBodyBytes} bytes` }))
    : Effect.fail(new BadRequest({ message: "the body could not be read" }))
}

const form = "application/x-www-form-urlencoded"

/** `curl -d` says that everything is a form; what Tailscale's documentation shows with it is JSON. */
const asJson = (request: HttpServerRequest.HttpServerRequest): HttpServerRequest.HttpServerRequest =>
  request.headers["content-type"]?.startsWith(form) === true
    ? request.modify({ headers: Headers.set(request.headers, "content-type", "application/json") })
    : request

export const JsonErrorsLive = Layer.succeed(
  JsonErrors,
  JsonErrors.of((handler) =>
    Effect.gen(function*() {
      const request = yield* HttpServerRequest.HttpServerRequest
      const response = yield* handler.pipe(
        Effect.provideService(HttpServerRequest.HttpServerRequest, asJson(request)),
        Effect.provideService(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(maxBodyBytes)),
        Effect.mapError((error) => HttpApiError.HttpApiSchemaError.is(error) ? explain(error) : error),
        Effect.catchDefect(unexpected)
      )
      if (response.status !== 415) return response
      return yield* new UnsupportedMedia({ message: "the body must be JSON: send Content-Type: application/json" })
    })
  )
)
