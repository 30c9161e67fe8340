/**
 * The receiver that a leg sends to: opened once for a configuration version and kept while the leg works, probed once
 * for each version. Failures come as answers, so that there is one way to deal with them.
 */
import type { Receiver } from "@tailrace/destinations"
import { type DestinationVersion, isStore, type ReceiverProbe, type Target } from "@tailrace/domain"
import { Effect, Exit, Option, Redacted, Scope } from "effect"
import { failed, type Misconfigured, misconfigured, type Outcome } from "../leg/Failing.ts"
import { capabilitiesOf, noteProbed } from "../leg/Probing.ts"
import { oneInFlight } from "./InFlight.ts"
import type { ReceiverLeg } from "./ReceiverLeg.ts"

/** What was found out with one token says nothing of another one: each version is a target of its own. */
export const probedTarget = (leg: ReceiverLeg, version: DestinationVersion): Target =>
  `${leg.targetOf(version)} (version ${version.version})`

const secretOf = Effect.fnUntraced(function*(leg: ReceiverLeg, version: DestinationVersion) {
  if (version.secretVersion === "") return Redacted.make("")
  const ref = { tailnet: leg.destination.tailnet, destination: leg.id, version: version.secretVersion }
  const secret = yield* leg.services.secrets.get(ref).pipe(Effect.mapError((error) => misconfigured(error.message)))
  return Option.isSome(secret) ? secret.value : yield* Effect.fail(misconfigured("the secret is gone"))
})

/** Opens the receiver as a version has it, for the present scope. */
export const openReceiver = Effect.fnUntraced(function*(
  leg: ReceiverLeg,
  version: DestinationVersion
): Effect.fn.Return<Receiver, Misconfigured, Scope.Scope> {
  const { config } = version
  if (isStore(config)) return yield* Effect.fail(misconfigured(`${config._tag} takes objects only`))
  const secret = yield* secretOf(leg, version)
  const { lane, receivers } = leg.services
  const context = { destination: leg.id, topic: leg.topic.topic, lane }
  return yield* receivers.open(config, secret, context).pipe(Effect.mapError((error) => misconfigured(error.message)))
})

export const closeReceiver = (leg: ReceiverLeg): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { opened } = leg
    leg.opened = null
    return opened === null ? Effect.void : Scope.close(opened.scope, Exit.void)
  })

/** Acts on a probe; notes what it found. */
const afterProbe = Effect.fnUntraced(function*(
  leg: ReceiverLeg,
  target: Target,
  probe: ReceiverProbe
): Effect.fn.Return<Outcome> {
  if (probe._tag !== "Usable") return yield* failed(leg, probe)
  yield* noteProbed(leg, target, probe.capabilities)
  return "goOn"
})

/** Fits the batches that begin from now on to what the receiver takes at once. */
const adapt = (leg: ReceiverLeg, { limits }: Receiver): void => {
  leg.bytesMax = Infinity
  leg.inFlight = oneInFlight
  leg.batching.target = {
    bytes: Math.min(leg.services.limits.batchBytes, limits.requestBytes),
    records: limits.requestRecords
  }
}

/** Opens and probes what the newest version says, unless that was done before. */
export const ensureOpened = Effect.fnUntraced(function*(leg: ReceiverLeg): Effect.fn.Return<Outcome> {
  const { version } = leg
  const target = probedTarget(leg, version)
  yield* closeReceiver(leg)
  const scope = yield* Scope.fork(leg.services.scope)
  const receiver = yield* Effect.result(Scope.provide(openReceiver(leg, version), scope))
  if (receiver._tag === "Failure") {
    yield* Scope.close(scope, Exit.void)
    return yield* failed(leg, receiver.failure)
  }
  leg.opened = { version: version.version, target, receiver: receiver.success, scope }
  adapt(leg, receiver.success)
  if (capabilitiesOf(leg, target) !== undefined) return "goOn"
  const outcome = yield* afterProbe(leg, target, yield* receiver.success.probe("look"))
  if (outcome !== "goOn") yield* closeReceiver(leg)
  return outcome
})
