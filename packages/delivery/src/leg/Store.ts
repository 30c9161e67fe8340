/**
 * The store that a leg sends to: opened with the configuration and secret that belong to a target, probed once for each
 * target. Failures come as answers, so that there is one way to deal with them.
 */
import type { ObjectStore } from "@tailrace/destinations"
import {
  type Answer,
  type Capabilities,
  type DestinationVersion,
  type Inspection,
  isStore,
  type Target
} from "@tailrace/domain"
import { Clock, Effect, Option, type Scope } from "effect"
import type { Leg } from "./Leg.ts"

export type Misconfigured = Extract<Answer, { readonly _tag: "Misconfigured" }>

const misconfigured = (message: string): Misconfigured => ({ _tag: "Misconfigured", message, status: null })

export const targetOf = (leg: Leg, version: DestinationVersion): Target => leg.services.stores.target(version.config)

/** The newest configuration of a target: new credentials send what the old ones sealed. */
export const versionFor = (leg: Leg, target: Target): DestinationVersion | undefined =>
  leg.destination.versions.findLast((version) => targetOf(leg, version) === target)

/** Opens the store of a target for the present scope. */
export const openStore = Effect.fnUntraced(function*(
  leg: Leg,
  target: Target
): Effect.fn.Return<ObjectStore, Misconfigured, Scope.Scope> {
  const version = versionFor(leg, target)
  if (version === undefined) return yield* Effect.fail(misconfigured("no configuration knows this target"))
  const { secrets, stores } = leg.services
  const { config } = version
  if (!isStore(config)) return yield* Effect.fail(misconfigured(`${config._tag} keeps no objects`))
  const ref = { tailnet: leg.destination.tailnet, destination: leg.id, version: version.secretVersion }
  const secret = yield* secrets.get(ref).pipe(Effect.mapError((error) => misconfigured(error.message)))
  if (Option.isNone(secret)) return yield* Effect.fail(misconfigured("the secret access key is gone"))
  return yield* stores.open(config, secret.value).pipe(
    Effect.mapError((error) => misconfigured(error.message))
  )
})

/** `failure` and `capabilities` are null if there is none; both are if the answer says nothing of the store. */
export interface Probed {
  /** What was probed; the destination may have been given another one meanwhile. */
  readonly target: Target
  readonly failure: Failure | null
  readonly capabilities: Capabilities | null
}

export type Failure = Extract<Answer, { readonly _tag: "Transient" | "Misconfigured" }>

const isFailure = (answer: Answer): answer is Failure => answer._tag === "Transient" || answer._tag === "Misconfigured"

/** One fixed object for each destination, so that probing does not fill the bucket. */
const canaryKey = ({ config }: DestinationVersion, destination: string): string =>
  `${isStore(config) ? config.keyPrefix : ""}.tailrace-canary-${destination}`

/** A `HEAD` that failed in passing, as a failure to act on: it stores nothing. */
export const afterInspection = (inspection: Extract<Inspection, { readonly _tag: "Failed" }>): Failure => {
  const { message, retryAfterMillis, status } = inspection
  return { _tag: "Transient", message, retryAfterMillis, status, maybeStored: false }
}

const inspects = (inspection: Inspection): boolean => inspection._tag === "Found" && inspection.seal === "canary"

/** Stores that do not know `If-None-Match` on PUT may say so. */
const notImplemented = 501

/** Writes the canary twice: the second time a store with conditional PUT refuses it. Then asks whose it is. */
const probe = Effect.fnUntraced(function*(store: ObjectStore, key: string): Effect.fn.Return<Omit<Probed, "target">> {
  const canary = {
    key,
    body: new TextEncoder().encode("{\"tailrace\":\"canary\"}\n"),
    contentType: "application/x-ndjson",
    metadata: { seal: "canary" },
    onlyIfAbsent: true
  }
  const conditional = yield* store.put(canary)
  const isUnknown = conditional._tag === "Misconfigured" && conditional.status === notImplemented
  const first = isUnknown ? yield* store.put({ ...canary, onlyIfAbsent: false }) : conditional
  if (isFailure(first)) return { failure: first, capabilities: null }
  const second = isUnknown ? first : yield* store.put(canary)
  if (isFailure(second)) return { failure: second, capabilities: null }
  const inspection = yield* store.inspect(key)
  if (inspection._tag === "Failed") return { failure: afterInspection(inspection), capabilities: null }
  return { failure: null, capabilities: { conditionalPut: second._tag === "Taken", inspect: inspects(inspection) } }
})

/** Asks the destination's store what it can do. Writes nothing to the ledger. */
export const probeStore = (leg: Leg): Effect.Effect<Probed> =>
  Effect.suspend(() => {
    const { version } = leg
    const target = targetOf(leg, version)
    return openStore(leg, target).pipe(
      Effect.flatMap((store) => probe(store, canaryKey(version, leg.id))),
      Effect.catch((failure) => Effect.succeed({ failure, capabilities: null })),
      Effect.map((found): Probed => ({ ...found, target })),
      Effect.scoped
    )
  })

/** What a target's store is known to do; undefined if it was not the one that was probed last. */
export const capabilitiesOf = (leg: Leg, target: Target): Capabilities | undefined => {
  const { probed } = leg.state
  return probed?.target === target ? probed.capabilities : undefined
}

/** Notes what a probe found, for the target that was probed. */
export const noteProbed = Effect.fnUntraced(function*(leg: Leg, target: Target, capabilities: Capabilities) {
  const at = yield* Clock.currentTimeMillis
  yield* leg.services.ledger.commit([{ _tag: "Probed", destination: leg.id, target, capabilities, at }])
})
