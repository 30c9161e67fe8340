/**
 * Destroys a version of a secret once nothing is left to send with it: on each lane the leg has closed, or works with a
 * newer configuration and has no open seal from an older one. Late is safe; early would lose records.
 */
import type { Destination, TailnetState } from "@tailrace/domain"
import { ControlLog, Secrets } from "@tailrace/event-store"
import { type Lane, Log } from "@tailrace/log"
import { Effect, Layer, Option, Schedule } from "effect"
import { LedgerProjection } from "./LedgerProjection.ts"
import type { LegFigures } from "./LegFigures.ts"

/** How often it looks. */
const interval = "10 seconds"

const isDone = (figures: LegFigures | undefined, newestUse: number): boolean => {
  if (figures === undefined) return false
  const { adopted, closed, seal } = figures.leg
  return (closed || adopted > newestUse) && (seal === null || seal.configVersion > newestUse)
}

/** Versions of the destination's secret that nothing will be sent with any more. Pure. */
export const finishedSecrets = (
  destination: Destination,
  legs: ReadonlyMap<Lane, LegFigures>,
  lanes: number
): ReadonlyArray<string> => {
  const newestUse = new Map(destination.versions.map(({ secretVersion, version }) => [secretVersion, version]))
  const inForce = destination.deleted ? undefined : destination.versions.at(-1)?.secretVersion
  return [...newestUse].filter(([secretVersion, version]) =>
    secretVersion !== inForce &&
    Array.from({ length: lanes }, (_, lane) => legs.get(lane)).every((leg) => isDone(leg, version))
  ).map(([secretVersion]) => secretVersion)
}

const make = Effect.gen(function*() {
  const control = yield* ControlLog
  const ledger = yield* LedgerProjection
  const secrets = yield* Secrets
  const { lanes } = yield* Log
  const destroyed = new Set<string>()

  const shred = Effect.fnUntraced(function*({ name: tailnet }: TailnetState, destination: string, version: string) {
    const ref = { tailnet, destination, version }
    if (Option.isSome(yield* secrets.get(ref))) yield* secrets.shred(ref)
    destroyed.add(`${destination}/${version}`)
  })
  const look = Effect.fnUntraced(function*(tailnet: TailnetState, destination: Destination) {
    const finished = finishedSecrets(destination, ledger.legs(destination.id), lanes)
    const open = finished.filter((version) => !destroyed.has(`${destination.id}/${version}`))
    yield* Effect.forEach(open, (version) => shred(tailnet, destination.id, version), { discard: true })
  })
  const sweep = Effect.gen(function*() {
    yield* Effect.all([control.caughtUp, ledger.caughtUp])
    for (const tailnet of control.tailnets()) {
      yield* Effect.forEach(tailnet.destinations.values(), (it) => look(tailnet, it), { discard: true })
    }
  })
  yield* sweep.pipe(
    Effect.catch((error) => Effect.logWarning(`secrets are destroyed later: ${error.message}`)),
    Effect.repeat(Schedule.spaced(interval)),
    Effect.forkScoped
  )
})

/** Runs as long as its layer; one process of an installation is enough, more do no harm. */
export const SecretShredder = Layer.effectDiscard(make)
