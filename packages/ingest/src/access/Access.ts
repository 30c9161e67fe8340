/** Who sends a request, from its header; and what this tailnet may send at all. */
import { includes, type TailnetState } from "@tailrace/domain"
import type { LogError } from "@tailrace/log"
import { Effect, Option, Schema } from "effect"
import type { HttpServerRequest } from "effect/http"
import { credentialOf } from "./Credential.ts"
import { type Bearer, IngestTokens } from "./IngestTokens.ts"
import type { TooManyRefusals } from "./RefusalLimit.ts"

/** `missing`: no header; `malformed`: no scheme that is known; `unknown`: nobody's secret, revoked or expired. */
export class AccessRefused extends Schema.TaggedError<AccessRefused>()("AccessRefused", {
  reason: Schema.Literals(["missing", "malformed", "unknown"])
}) {}

/** The bearer of the request's secret. */
export const bearerOf: (
  request: HttpServerRequest.HttpServerRequest
) => Effect.Effect<Bearer, AccessRefused | TooManyRefusals | LogError, IngestTokens> = Effect.fnUntraced(
  function*(request) {
    const credential = credentialOf(request.headers["authorization"])
    if (credential._tag === "Missing") return yield* new AccessRefused({ reason: "missing" })
    if (credential._tag === "Malformed") return yield* new AccessRefused({ reason: "malformed" })
    const tokens = yield* IngestTokens
    const bearer = yield* tokens.bearer(credential.secret, Option.getOrElse(request.remoteAddress, () => "unknown"))
    if (bearer !== undefined) return bearer
    // Without a scheme word it may be a token, as old streams sent it, or a header of some other kind.
    return yield* new AccessRefused({ reason: credential.isBare ? "malformed" : "unknown" })
  }
)

/** Why flow records of the tailnet are refused; undefined: they are taken. */
export const flowRefusalOf = ({ name, plan, settings }: TailnetState): string | undefined => {
  if (!includes(plan, "flow-logs")) return `the plan ${plan} of ${name} does not include network flow logs`
  return settings.networkFlowLoggingOn ? undefined : `network flow logs of ${name} are switched off`
}
