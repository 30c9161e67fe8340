/**
 * Who a credential is: the API key's member and tailnet. It says nothing about what that member may do. Last use is
 * kept in memory of this process only.
 */
import { Authenticated, Principal, TooManyFailures, Unauthorized, Unavailable } from "@tailrace/api"
import type { Actor, Member } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { Clock, Context, Effect, Layer, Option, Redacted } from "effect"
import { HttpServerRequest } from "effect/http"
import { hashOf } from "./Credential.ts"
import { FailureLimit } from "./FailureLimit.ts"
import { type FoundKey, KeyIndex } from "./KeyIndex.ts"

export type WhoIs = Principal["Service"]

export class Authentication extends Context.Service<Authentication, {
  /** `address`: where the request came from; refused credentials are counted by it. */
  authenticate(
    key: Redacted.Redacted,
    address: string
  ): Effect.Effect<WhoIs, Unauthorized | TooManyFailures | Unavailable>
  /** Epoch milliseconds of a key's last use in this process. */
  lastUsed(keyId: string): number | undefined
}>()("@tailrace/control/Authentication") {
  static readonly layer = Layer.effect(Authentication, Effect.suspend(() => make))
}

const actorOf = (member: Member): Actor => ({
  id: member.userId,
  type: "USER",
  loginName: member.loginName,
  displayName: member.displayName
})

const refused = (message: string) => new Unauthorized({ message })

const check = Effect.fnUntraced(function*(found: FoundKey | undefined, now: number) {
  if (found === undefined) return yield* refused("API token invalid")
  const { key, tailnet } = found
  if (key.revokedAt !== null) return yield* refused("API token revoked")
  if (key.expiresAt <= now) return yield* refused("API token expired")
  const member = tailnet.members.get(key.userId)
  if (member === undefined) return yield* refused("API token invalid: its user is no longer a member")
  return { tailnet: tailnet.name, userId: key.userId, keyId: key.keyId, actor: actorOf(member) }
})

const make = Effect.gen(function*() {
  const control = yield* ControlLog
  const index = new KeyIndex()
  const failures = new FailureLimit()
  const uses = new Map<string, number>()

  /** A key made by another process may not be folded yet: look twice. */
  const find = Effect.fnUntraced(function*(hash: string) {
    const found = index.find(control.tailnets(), hash)
    if (found !== undefined) return found
    yield* control.caughtUp.pipe(Effect.mapError(({ message }) => new Unavailable({ message })))
    return index.find(control.tailnets(), hash)
  })
  const limit = (address: string, error: Unauthorized | Unavailable) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      failures.isExceeded(address, now)
        ? Effect.fail(new TooManyFailures({ message: "too many requests without a valid key, try again in a minute" }))
        : Effect.fail(error))

  const authenticate = Effect.fn("Authentication.authenticate")(function*(key: Redacted.Redacted) {
    const now = yield* Clock.currentTimeMillis
    const principal = yield* check(yield* find(hashOf(key)), now)
    uses.set(principal.keyId, now)
    return principal
  })

  return Authentication.of({
    authenticate: (key, address) => Effect.catch(authenticate(key), (error) => limit(address, error)),
    lastUsed: (keyId) => uses.get(keyId)
  })
})

const noKey = refused("API token missing: send the key as user name of HTTP Basic, or as Bearer token")

/**
 * The API's middleware. Both schemes are asked in turn (Basic first) and the last answer counts, so the second one
 * repeats what the first one said about a credential of its own.
 */
export const AuthenticatedLive = Layer.effect(
  Authenticated,
  Effect.gen(function*() {
    const authentication = yield* Authentication
    const said = new WeakMap<object, Unauthorized | TooManyFailures | Unavailable>()
    const as = Effect.fnUntraced(function*(key: Redacted.Redacted) {
      const { remoteAddress, source } = yield* HttpServerRequest.HttpServerRequest
      if (Redacted.value(key) === "") return yield* said.get(source) ?? noKey
      const address = Option.getOrElse(remoteAddress, () => "")
      return yield* authentication.authenticate(key, address).pipe(
        Effect.tapError((error) => Effect.sync(() => said.set(source, error)))
      )
    })
    return Authenticated.of({
      basic: (handler, { credential }) =>
        Effect.flatMap(
          as(Redacted.make(credential.username)),
          (who) => Effect.provideService(handler, Principal, who)
        ),
      bearer: (handler, { credential }) =>
        Effect.flatMap(as(credential), (who) => Effect.provideService(handler, Principal, who))
    })
  })
)
