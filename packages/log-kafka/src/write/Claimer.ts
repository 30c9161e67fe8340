/**
 * Claims of lanes: a transactional id names the lane, so the broker itself fences the writer before. Whether this
 * process should claim is asked each time directly before: what slept in between must not fence its successor.
 */
import { type Lane, type LaneWriter, type LogError, LogUnavailable } from "@tailrace/log"
import { Effect, type Scope } from "effect"
import { grantAccess, type Reach } from "../topics/Command.ts"
import { Cluster } from "../wire/Cluster.ts"
import { ErrorCode, errorName } from "../wire/ErrorCode.ts"
import { initProducerId } from "../wire/requests/InitProducerId.ts"
import { makeLaneWriter } from "./LaneWriter.ts"
import { isFencing } from "./Judgement.ts"
import { makeOutbox } from "./Outbox.ts"
import { makeJournal, notYet, persist, within } from "./Persist.ts"
import { askCoordinator, impatience } from "./Transaction.ts"

/** After so long the coordinator aborts what a dead writer left open, if nobody claims the lane before. */
const transactionTimeoutMillis = 20_000
const patienceMillis = 30_000

export interface Claimer {
  /**
   * As the port's `claim`: when it returns, the predecessor's open transaction is committed or aborted for good, and
   * nothing that it sent can be stored any more. Waits up to 30 s for the cluster.
   */
  claim(lane: Lane): Effect.Effect<LaneWriter, LogError, Scope.Scope>
}

const unclaimable = (reach: Reach, transactionalId: string, code: number): LogUnavailable => {
  const cure = code === ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    ? `; grant it: ${grantAccess(reach, "transaction")}`
    : ""
  return new LogUnavailable({ reason: `the cluster gives ${transactionalId} no producer: ${errorName(code)}${cure}` })
}

const initialized = (cluster: Cluster["Service"], reach: Reach, transactionalId: string) =>
  Effect.gen(function*() {
    const asker = { cluster, transactionalId }
    const question = { transactionalId, transactionTimeoutMillis }
    const { code, producerEpoch, producerId } = yield* askCoordinator(asker, initProducerId, question)
    if (code === ErrorCode.NONE) return { producerId, producerEpoch }
    // Two claims at the same time: the coordinator lets the other one pass first.
    if (isFencing(code)) return yield* notYet(`another claim of ${transactionalId} is under way`, code)
    return yield* (yield* impatience(asker, code)) ?? unclaimable(reach, transactionalId, code)
  })

/** Fails where another process owns the lane. */
export type MayClaim = (lane: Lane) => Effect.Effect<void, LogError>

/** One for the whole process; commits that are under way when its scope ends are left to the next claim. */
export const makeClaimer = (
  reach: Reach,
  mayClaim: MayClaim = () => Effect.void
): Effect.Effect<Claimer, never, Cluster | Scope.Scope> =>
  Effect.gen(function*() {
    const cluster = yield* Cluster
    const scope = yield* Effect.scope
    const claim = (lane: Lane): Effect.Effect<LaneWriter, LogError, Scope.Scope> =>
      Effect.gen(function*() {
        const transactionalId = `${reach.prefix}.lane.${lane}`
        const journal = makeJournal()
        const asked = persist(Effect.andThen(mayClaim(lane), initialized(cluster, reach, transactionalId)), journal)
        const producer = yield* within(asked, patienceMillis, journal)
        const outbox = makeOutbox({ cluster, scope, purpose: "commit", transactionalId })
        const { end, writer } = makeLaneWriter({ cluster, reach, outbox, lane, transactionalId, producer }, scope)
        yield* Effect.addFinalizer(() => end)
        return writer
      })
    return { claim }
  })
