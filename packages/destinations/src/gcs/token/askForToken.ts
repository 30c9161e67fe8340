/** One request on the way to a token: sent through the guard, and its answer read by a schema. */
import { Clock, Effect, Option } from "effect"
import type { Agents } from "../../network/GuardedAgents.ts"
import { type HttpRequest, sendHttp } from "../../network/HttpSender.ts"
import { type Asked, noToken, refusedToken, type TokenFailure } from "./AccessToken.ts"

export interface Ask<A> extends Omit<Asked, "nowMillis"> {
  readonly request: HttpRequest
  /** None: the answer's body is something else. */
  readonly read: (text: string) => Option.Option<A>
}

export const askForToken = Effect.fnUntraced(
  function*<A>(agents: Agents, { read, request, ...ask }: Ask<A>): Effect.fn.Return<A, TokenFailure> {
    const asked = { ...ask, nowMillis: yield* Clock.currentTimeMillis }
    const response = yield* Effect.mapError(sendHttp(agents, request), (failure) => noToken(failure, asked))
    const found = response.status === 200 && !response.truncated ? read(response.text) : Option.none()
    return yield* Effect.mapError(Effect.fromOption(found), () => refusedToken(response, asked))
  }
)

/** `application/x-www-form-urlencoded`. */
export const formRequest = (url: string, fields: Readonly<Record<string, string>>): HttpRequest => ({
  method: "POST",
  url,
  headers: { "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json" },
  body: new TextEncoder().encode(new URLSearchParams(fields).toString())
})
