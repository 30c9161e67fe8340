/**
 * The first start: one conditional append that makes the first tailnet with an Owner and the Owner's key. Of several
 * processes that start at once exactly one wins, and only that one may show the key.
 */
import type { Actor, Refusal, TailnetName } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import type { LogError } from "@tailrace/log"
import { Clock, Effect, Option, type Redacted } from "effect"
import { adoptApiKey, mintApiKey, mintHex, mintId } from "./access/Credential.ts"
import { OperatorTailnet } from "./command/OperatorTailnet.ts"

/** Who the audit log names for what this installation does by itself. */
export const systemActor: Actor = {
  id: "tailrace",
  type: "AUTOMATED_WORKER",
  loginName: "",
  displayName: "Tailrace"
}

/** Ten years: the operator's own key does not end by itself. */
const keyLifeMillis = 3650 * 86_400_000

export interface Bootstrapped {
  readonly tailnet: TailnetName
  /** True once: this process made the tailnet just now. */
  readonly isFirstStart: boolean
  /** The Owner's key: the one given, or at the first start the one that was made; none: it was shown long ago. */
  readonly key: Option.Option<Redacted.Redacted>
}

/** `given`: `TAILRACE_BOOTSTRAP_KEY`. Afterwards the tailnet exists, whoever made it. */
export const bootstrap: (
  given: Option.Option<Redacted.Redacted>
) => Effect.Effect<Bootstrapped, Refusal | LogError, ControlLog> = Effect.fn("bootstrap")(function*(given) {
  const control = yield* ControlLog
  const tailnet = yield* OperatorTailnet
  yield* control.caughtUp
  if (control.tailnet(tailnet) !== undefined) return { tailnet, isFirstStart: false, key: given }
  const key = Option.isSome(given) ? adoptApiKey(given.value) : yield* mintApiKey
  const [userId, tailnetId, eventGroupID] = yield* Effect.all([mintId("u"), mintId("T"), mintHex])
  const at = yield* Clock.currentTimeMillis
  const { events } = yield* control.execute({
    tailnet,
    commandId: "bootstrap",
    eventGroupID,
    origin: "CONTROL",
    actor: systemActor,
    at,
    command: {
      _tag: "CreateTailnet",
      tailnetId,
      plan: "enterprise",
      owner: { userId, loginName: `owner@${tailnet}`, displayName: "Owner", role: "owner" },
      apiKey: { keyId: key.id, hash: key.hash, description: "made at the first start", expiresAt: at + keyLifeMillis }
    }
  })
  // Another process may have been first: then these are its events, with its tailnet's id.
  const isFirstStart = events.some((event) => event._tag === "TailnetCreated" && event.tailnetId === tailnetId)
  return { tailnet, isFirstStart, key: isFirstStart ? Option.some(key.secret) : given }
})
