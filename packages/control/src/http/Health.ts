/** What orchestrators ask: is the process alive, should it get traffic. Without credentials; nothing secret. */
import { Log } from "@tailrace/log"
import { Context, Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"

/** What the rest of the process says about being ready; the app provides it. */
export class Readiness extends Context.Service<Readiness, {
  /** Why it is not ready, a sentence each, such as "lane 3 is not served"; empty: it is. */
  readonly problems: Effect.Effect<ReadonlyArray<string>>
}>()("@tailrace/control/Readiness") {
  /** For processes in which nothing else has to be ready. */
  static readonly always = Layer.succeed(Readiness, Readiness.of({ problems: Effect.succeed([]) }))
}

const json = HttpServerResponse.jsonUnsafe

/** A log that does not answer in this time is not reachable. */
const logProblem = (log: Log["Service"]) =>
  log.bounds("control", 0).pipe(
    Effect.as<ReadonlyArray<string>>([]),
    Effect.timeoutOrElse({ duration: "2 seconds", orElse: () => Effect.succeed(["the log does not answer"]) }),
    Effect.catch(({ message }) => Effect.succeed([message]))
  )

const readyz = Effect.gen(function*() {
  const log = yield* Log
  const readiness = yield* Readiness
  return Effect.gen(function*() {
    const problems = [...yield* logProblem(log), ...yield* readiness.problems]
    if (problems.length === 0) return json({ status: "ready" })
    return json({ message: problems.join("; "), problems }, { status: 503 })
  })
})

export const HealthRoutes = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const ready = yield* readyz
  yield* router.add("GET", "/healthz", Effect.succeed(json({ status: "ok" })))
  yield* router.add("GET", "/readyz", ready)
}))
