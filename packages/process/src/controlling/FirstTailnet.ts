/**
 * The first tailnet and the way into it: made at the first start, and opened again by a `TAILRACE_BOOTSTRAP_KEY` that
 * is not known yet, for the operator who lost the key. Whoever sets this process's environment owns its data anyway.
 */
import { bootstrap, hashOf, systemActor } from "@tailrace/control"
import type { TailnetName, TailnetState } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { Clock, Effect, Option, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import { Settings } from "../settings/Settings.ts"

/** As the key of the first start: the operator's own key does not end by itself. */
const keyLifeMillis = 3_650 * 86_400_000

/** Of the key's hash, in the id of the command. */
const idDigits = 16

const isKnown = (state: TailnetState, hash: string): boolean =>
  [...state.apiKeys.values()].some((key) => key.hash === hash && key.revokedAt === null)

const ownerOf = ({ members }: TailnetState) => [...members.values()].find(({ role }) => role === "owner")

/** Makes the key one of the Owner's. Of several processes that start at once with it, one does: they say the same. */
const adopt = Effect.fnUntraced(function*(tailnet: TailnetName, key: Redacted.Redacted) {
  const control = yield* ControlLog
  const hash = hashOf(key)
  const state = control.tailnet(tailnet)
  if (state === undefined || isKnown(state, hash)) return
  const owner = ownerOf(state)
  if (owner === undefined) return
  const at = yield* Clock.currentTimeMillis
  yield* control.execute({
    tailnet,
    commandId: `bootstrap-key-${hash.slice(0, idDigits)}-${state.version}`,
    eventGroupID: randomBytes(16).toString("hex"),
    origin: "CONTROL",
    actor: systemActor,
    at,
    command: {
      _tag: "CreateApiKey",
      keyId: `k${randomBytes(6).toString("hex")}CNTRL`,
      userId: owner.userId,
      hash,
      description: "TAILRACE_BOOTSTRAP_KEY",
      expiresAt: at + keyLifeMillis
    }
  })
  yield* Effect.logWarning("TAILRACE_BOOTSTRAP_KEY is now a key of the Owner of the first tailnet")
})

/** The tailnet, and the key if this start made one that nobody has seen yet. */
export const firstTailnet = Effect.gen(function*() {
  const { bootstrapKey } = yield* Settings
  const { isFirstStart, key, tailnet } = yield* bootstrap(bootstrapKey)
  if (!isFirstStart && Option.isSome(bootstrapKey)) yield* adopt(tailnet, bootstrapKey.value)
  return { tailnet, madeKey: isFirstStart && Option.isNone(bootstrapKey) ? key : Option.none<Redacted.Redacted>() }
})

export type FirstTailnet = Effect.Success<typeof firstTailnet>
