/**
 * The store that a leg sends to: opened with the configuration and secret that belong to a target, probed once for each
 * target. Failures come as answers, so that there is one way to deal with them.
 */
import type { ObjectStore } from "@tailrace/destinations"
import { type Answer, type DestinationVersion, type Inspection, isStore, type Target } from "@tailrace/domain"
import { Effect, Option, Redacted, type Scope } from "effect"
import { type Failure, type Misconfigured, misconfigured } from "../leg/Failing.ts"
import type { Probed } from "../leg/Probing.ts"
import type { StoreLeg } from "./StoreLeg.ts"

/** The newest configuration of a target: new credentials send what the old ones sealed. */
export const versionFor = (leg: StoreLeg, target: Target): DestinationVersion | undefined =>
  leg.destination.versions.findLast((version) => leg.targetOf(version) === target)

const secretOf = Effect.fnUntraced(function*({ destination, id, services }: StoreLeg, version: DestinationVersion) {
  if (version.secretVersion === "") return Redacted.make("")
  const ref = { tailnet: destination.tailnet, destination: id, version: version.secretVersion }
  const secret = yield* services.secrets.get(ref).pipe(Effect.mapError((error) => misconfigured(error.message)))
  return Option.isSome(secret) ? secret.value : yield* Effect.fail(misconfigured("the secret is gone"))
})

/** Opens the store of a target for the present scope. */
export const openStore = Effect.fnUntraced(function*(
  leg: StoreLeg,
  target: Target
): Effect.fn.Return<ObjectStore, Misconfigured, Scope.Scope> {
  const version = versionFor(leg, target)
  if (version === undefined) return yield* Effect.fail(misconfigured("no configuration knows this target"))
  const { config } = version
  if (!isStore(config)) return yield* Effect.fail(misconfigured(`${config._tag} keeps no objects`))
  const secret = yield* secretOf(leg, version)
  const owner = { tailnet: leg.destination.tailnet, destination: leg.id }
  return yield* leg.services.stores.open(config, secret, owner).pipe(
    Effect.mapError((error) => misconfigured(error.message))
  )
})

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
export const probeStore = (leg: StoreLeg): Effect.Effect<Probed> =>
  Effect.suspend(() => {
    const { version } = leg
    const target = leg.targetOf(version)
    return openStore(leg, target).pipe(
      Effect.flatMap((store) => probe(store, canaryKey(version, leg.id))),
      Effect.catch((failure) => Effect.succeed({ failure, capabilities: null })),
      Effect.map((found): Probed => ({ ...found, target })),
      Effect.scoped
    )
  })
