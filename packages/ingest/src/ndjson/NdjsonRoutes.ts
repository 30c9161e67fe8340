/**
 * `POST /api/v2/tailnet/{tailnet}/logging/{type}/records`: records as NDJSON, in the S3 export form or as Tailscale's
 * API answers them. A request is taken whole or refused whole; errors are the API's `{"message"}`.
 */
import { LogType, may, type TailnetState } from "@tailrace/domain"
import { Clock, Effect, Schema } from "effect"
import { HttpRouter, type HttpServerRequest, HttpServerResponse } from "effect/http"
import { bearerOf, flowRefusalOf } from "../access/Access.ts"
import type { Bearer } from "../access/IngestTokens.ts"
import { readBody } from "../http/RequestBody.ts"
import { IngestBudget } from "../IngestBudget.ts"
import { IngestLog } from "../IngestLog.ts"
import { countRequest } from "../IngestMetrics.ts"
import { ingestServices } from "../IngestServices.ts"
import { NdjsonBody } from "./NdjsonBody.ts"

const path = "/api/v2/tailnet/:tailnet/logging/:logType/records"
const isLogType = Schema.is(LogType)

/** An answer other than 200. */
class Refused extends Schema.TaggedError<Refused>()("Refused", { status: Schema.Int, message: Schema.String }) {}

const refuse = (status: number) => ({ message }: { readonly message: string }) =>
  Effect.fail(new Refused({ status, message }))

const accessMessages = {
  missing: "an API key or an ingest token is required",
  malformed: "the Authorization header is not understood",
  unknown: "API key or ingest token invalid"
} as const

/** The tailnet of the path, if it is the bearer's: by name, by id, or `-`. */
const tailnetOf = ({ tailnet }: Bearer, wanted: string): Effect.Effect<TailnetState, Refused> =>
  wanted === "-" || wanted === tailnet.name || wanted === tailnet.id
    ? Effect.succeed(tailnet)
    : Effect.fail(new Refused({ status: 404, message: `tailnet ${wanted} not found` }))

const mayPost = ({ as }: Bearer): Effect.Effect<void, Refused> =>
  as === "ingest-token" || may(as, "destinations:write")
    ? Effect.void
    : Effect.fail(new Refused({ status: 403, message: `the role ${as} may not post records` }))

const logTypeOf = (type: string | undefined): Effect.Effect<LogType, Refused> =>
  isLogType(type)
    ? Effect.succeed(type)
    : Effect.fail(new Refused({ status: 404, message: "the log type is configuration or network" }))

const target = Effect.fnUntraced(function*(request: HttpServerRequest.HttpServerRequest) {
  const params = yield* HttpRouter.params
  const bearer = yield* bearerOf(request)
  const logType = yield* logTypeOf(params["logType"])
  const tailnet = yield* tailnetOf(bearer, params["tailnet"] ?? "-")
  yield* mayPost(bearer)
  const flowRefusal = flowRefusalOf(tailnet)
  if (logType === "network" && flowRefusal !== undefined) {
    return yield* new Refused({ status: 403, message: flowRefusal })
  }
  return { tailnet, logType }
})

/** Records accepted. */
const receive = Effect.fn("Ndjson.receive")(
  function*(request: HttpServerRequest.HttpServerRequest) {
    const { logType, tailnet } = yield* target(request)
    const share = yield* (yield* IngestBudget).open
    const body = new NdjsonBody({
      tailnet: tailnet.name,
      nowMillis: yield* Clock.currentTimeMillis,
      maxRecordBytes: share.limits.maxRecordBytes,
      flowRefusal: undefined,
      only: logType
    })
    yield* readBody(request, share, body)
    const refused = body.finish()
    if (refused !== undefined) {
      return yield* new Refused({ status: 400, message: `line ${refused.line}: ${refused.text}` })
    }
    yield* (yield* IngestLog).append(tailnet.name, body.intake.entries)
    return body.intake.entries[logType].length
  },
  Effect.scoped,
  Effect.catchTags({
    AccessRefused: ({ reason }) => refuse(401)({ message: accessMessages[reason] }),
    TooManyRefusals: refuse(429),
    UnsupportedEncoding: refuse(415),
    BodyTooLarge: refuse(413),
    BodyUnreadable: refuse(400),
    OverBudget: refuse(503),
    ShuttingDown: refuse(503),
    AppendFailed: ({ maybeTaken, message }) => refuse(maybeTaken ? 500 : 503)({ message })
  })
)

const retryAfter = new Map([[429, "60"], [503, "1"]])

const toResponse = (status: number, body: unknown): HttpServerResponse.HttpServerResponse => {
  const after = retryAfter.get(status)
  return HttpServerResponse.jsonUnsafe(body, {
    status,
    ...(after === undefined ? {} : { headers: { "retry-after": after } })
  })
}

const respond = (request: HttpServerRequest.HttpServerRequest) =>
  receive(request).pipe(
    Effect.map((accepted) => toResponse(200, { accepted })),
    Effect.catchTag("Refused", ({ message, status }) => Effect.succeed(toResponse(status, { message }))),
    Effect.catch(({ message }) => Effect.succeed(toResponse(503, { message }))),
    Effect.tap(({ status }) => countRequest(status))
  )

export const NdjsonRoutes = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const services = yield* ingestServices
  yield* router.add("POST", path, (request) => Effect.provideContext(respond(request), services))
  for (const method of ["GET", "PUT", "PATCH", "DELETE"] as const) {
    yield* router.add(method, path, toResponse(405, { message: "method not allowed" }))
  }
}))
