/** The typed client of the API, as commands use it: every error is a `Failure`. */
import { TailraceApi } from "@tailrace/api"
import { Effect } from "effect"
import { HttpApiClient } from "effect/http-api"
import { type Failure } from "./Failure.ts"
import { asFailure, Server } from "./Server.ts"

const client = Effect.flatMap(
  Server,
  ({ http }) => HttpApiClient.makeWith(TailraceApi, { httpClient: http })
)

export type Client = Effect.Success<typeof client>

/**
 * Calls the API. `tailnet` is the one that the flags or the environment name.
 *
 * @example
 * ```ts
 * const { keys } = yield* call((api, tailnet) => api.keys.list({ params: { tailnet } }))
 * ```
 */
export const call = <A, E>(
  request: (api: Client, tailnet: string) => Effect.Effect<A, E>
): Effect.Effect<A, Failure, Server> =>
  Effect.gen(function*() {
    const { tailnet, url } = yield* Server
    return yield* request(yield* client, tailnet).pipe(Effect.mapError(asFailure(url)))
  })
