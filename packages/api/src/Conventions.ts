/**
 * What holds for every endpoint: who asks (Basic with the key as user name, or Bearer), and that each answer that is
 * not a success is JSON. Only the contract; `@tailrace/control` implements both.
 */
import type { Actor, TailnetName } from "@tailrace/domain"
import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"
import { ApiError, TooManyFailures, Unauthorized, Unavailable } from "./ApiError.ts"

/** Whose key came with the request. The role is not in here: it is looked up when something is decided. */
export class Principal extends Context.Service<Principal, {
  /** The tailnet that `-` means. */
  readonly tailnet: TailnetName
  readonly userId: string
  readonly keyId: string
  readonly actor: Actor
}>()("@tailrace/api/Principal") {}

/**
 * Both ways to show an API key; either one is enough.
 *
 * @effect-expect-leaking HttpServerRequest | ParsedSearchParams | RouteContext
 */
export class Authenticated extends HttpApiMiddleware.Service<Authenticated, { provides: Principal }>()(
  "@tailrace/api/Authenticated",
  {
    security: { basic: HttpApiSecurity.basic, bearer: HttpApiSecurity.bearer },
    error: [Unauthorized, TooManyFailures, Unavailable]
  }
) {}

/** Turns whatever goes wrong around a handler (a body that does not decode, a defect) into an `ApiError`. */
export class JsonErrors extends HttpApiMiddleware.Service<JsonErrors>()("@tailrace/api/JsonErrors", {
  error: ApiError
}) {}
