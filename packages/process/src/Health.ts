/**
 * What orchestrators ask: is the process alive, should it get traffic; and the metrics. Without credentials; nothing
 * secret. Every app serves these paths.
 */
import { Log, LogTroubles } from "@tailrace/log"
import { Context, Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { PrometheusMetrics } from "effect/observability"

/** What the rest of the process says about being ready; the app provides it where there is more than the log. */
export class Readiness extends Context.Reference<{
  /** Why it is not ready, a sentence each, such as "lane 3 is not served"; empty: it is. */
  readonly problems: Effect.Effect<ReadonlyArray<string>>
}>("@tailrace/process/Readiness", { defaultValue: () => ({ problems: Effect.succeed([]) }) }) {}

const json = HttpServerResponse.jsonUnsafe

/** A log that does not answer in this time is not reachable. */
const logProblem = (log: Log["Service"]) =>
  log.bounds("control", 0).pipe(
    Effect.as<ReadonlyArray<string>>([]),
    Effect.timeoutOrElse({ duration: "2 seconds", orElse: () => Effect.succeed(["the log does not answer"]) }),
    Effect.catch(({ message }) => Effect.succeed([message]))
  )

/** 200 or 503; either way with what an operator should know of the log. */
const readyz = Effect.gen(function*() {
  const log = yield* Log
  const readiness = yield* Readiness
  const { current, guarantees } = yield* LogTroubles
  return Effect.gen(function*() {
    const troubles = yield* current
    const blocking = troubles.filter(({ isBlocking }) => isBlocking).map(({ message }) => message)
    const problems = [...yield* logProblem(log), ...yield* readiness.problems, ...blocking]
    if (problems.length === 0) return json({ status: "ready", troubles, guarantees })
    return json({ message: problems.join("; "), problems, troubles, guarantees }, { status: 503 })
  })
})

/** `/healthz`, `/readyz` and `/metrics`. */
export const HealthRoutes = Layer.merge(
  HttpRouter.use(Effect.fnUntraced(function*(router) {
    const ready = yield* readyz
    yield* router.add("GET", "/healthz", Effect.succeed(json({ status: "ok" })))
    yield* router.add("GET", "/readyz", ready)
  })),
  PrometheusMetrics.layerHttp({ path: "/metrics" })
)
