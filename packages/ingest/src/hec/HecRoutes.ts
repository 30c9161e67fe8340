/** The paths of a Splunk HTTP Event Collector. Indexer acknowledgement and `/raw` are not offered. */
import { Clock, Effect } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { AccessRefused, bearerOf, flowRefusalOf } from "../access/Access.ts"
import { readBody } from "../http/RequestBody.ts"
import { IngestBudget } from "../IngestBudget.ts"
import { IngestLog } from "../IngestLog.ts"
import { countRequest } from "../IngestMetrics.ts"
import { ingestServices } from "../IngestServices.ts"
import { type HecAnswer, type HecAnswerName, toResponse } from "./HecAnswer.ts"
import { HecBody } from "./HecBody.ts"

const eventPaths = ["/services/collector", "/services/collector/event", "/services/collector/event/1.0"] as const
const healthPaths = ["/services/collector/health", "/services/collector/health/1.0"] as const

const accessAnswers: Readonly<Record<AccessRefused["reason"], HecAnswerName>> = {
  missing: "tokenRequired",
  malformed: "invalidAuthorization",
  unknown: "invalidToken"
}

const answer = (name: HecAnswerName, detail?: string): Effect.Effect<HecAnswer> =>
  Effect.succeed({ name, ...(detail === undefined ? {} : { detail }) })

const receive = Effect.fn("Hec.receive")(
  function*(request: HttpServerRequest.HttpServerRequest) {
    const bearer = yield* bearerOf(request)
    if (bearer.as !== "ingest-token") return yield* new AccessRefused({ reason: "unknown" })
    const share = yield* (yield* IngestBudget).open
    const body = new HecBody({
      tailnet: bearer.tailnet.name,
      nowMillis: yield* Clock.currentTimeMillis,
      maxRecordBytes: share.limits.maxRecordBytes,
      flowRefusal: flowRefusalOf(bearer.tailnet),
      only: undefined
    })
    yield* readBody(request, share, body)
    const outcome = body.finish()
    // About the tailnet, not about one record: a sender that repeats the request would double what was before it.
    if (outcome.name === "incorrectIndex") return yield* answer(outcome.name, outcome.detail)
    yield* (yield* IngestLog).append(bearer.tailnet.name, body.intake.entries)
    return outcome
  },
  Effect.scoped,
  Effect.catchTags({
    AccessRefused: ({ reason }) => answer(accessAnswers[reason]),
    TooManyRefusals: () => answer("tooManyRefusals"),
    UnsupportedEncoding: ({ message }) => answer("unsupportedEncoding", message),
    BodyTooLarge: ({ message }) => answer("tooLarge", message),
    BodyUnreadable: ({ message }) => answer("invalidData", message),
    OverBudget: () => answer("busy"),
    ShuttingDown: () => answer("shuttingDown"),
    AppendFailed: ({ maybeTaken }) => answer(maybeTaken ? "internalError" : "busy")
  }),
  // What is left are the log's own errors, met while the token was looked for: nothing was taken.
  Effect.catch(() => answer("busy"))
)

const respond = Effect.fnUntraced(function*(hecAnswer: HecAnswer) {
  const response = toResponse(hecAnswer)
  yield* countRequest(response.status)
  return response
})

const health = Effect.flatMap(
  IngestBudget,
  (budget) => Effect.map(budget.isClosed, (isClosed) => toResponse({ name: isClosed ? "shuttingDown" : "healthy" }))
)

export const HecRoutes = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const services = yield* ingestServices
  for (const path of eventPaths) {
    yield* router.add(
      "POST",
      path,
      (request) => receive(request).pipe(Effect.flatMap(respond), Effect.provideContext(services))
    )
    for (const method of ["GET", "PUT", "PATCH", "DELETE"] as const) {
      yield* router.add(method, path, toResponse({ name: "wrongMethod" }))
    }
    yield* router.add("OPTIONS", path, HttpServerResponse.empty({ status: 200 }))
  }
  for (const path of healthPaths) yield* router.add("GET", path, Effect.provideContext(health, services))
  yield* router.add("POST", "/services/collector/ack", toResponse({ name: "ackDisabled" }))
  yield* router.add("*", "/services/collector/:path/*", toResponse({ name: "notFound" }))
}))
