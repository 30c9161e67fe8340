/** One request and what its answer means, the same for every receiver with plain HTTP semantics. */
import { Clock, Effect } from "effect"
import type { Agents } from "../network/GuardedAgents.ts"
import { type HttpRequest, type HttpResponse, sendHttp } from "../network/HttpSender.ts"
import { type Failure, failureAnswer, type Reading } from "./StatusAnswer.ts"

export interface Exchange<A> {
  readonly agents: Agents
  /** What must not be repeated from an answer. */
  readonly secrets: ReadonlyArray<string>
  readonly read: (response: HttpResponse, reading: Reading) => A
}

/** Always answers; interruption aborts. */
export const exchange = <A>(
  request: HttpRequest,
  { agents, read, secrets }: Exchange<A>
): Effect.Effect<A | Failure> =>
  Effect.flatMap(
    Effect.result(sendHttp(agents, request)),
    (result) =>
      Effect.map(Clock.currentTimeMillis, (nowMillis) =>
        result._tag === "Success"
          ? read(result.success, { nowMillis, secrets })
          : failureAnswer(result.failure, { nowMillis, secrets }))
  )
