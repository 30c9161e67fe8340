/**
 * The producer id that all lanes of this process append with. A lane whose sequence has broken takes a later one, and
 * never comes back to one that it has used: its sequence begins at 0 each time.
 */
import type { LogError } from "@tailrace/log"
import { Effect, Semaphore } from "effect"
import type { Reach } from "../topics/Command.ts"
import type { Cluster } from "../wire/Cluster.ts"
import { ErrorCode, errorName } from "../wire/ErrorCode.ts"
import { initProducerId } from "../wire/requests/InitProducerId.ts"
import { refused } from "./Judgement.ts"
import { makeJournal, notYet, persist, within } from "./Persist.ts"
import type { Producer } from "./Stamp.ts"

export interface Producers {
  /** One that is not `spent`; the cluster is asked only if it must be, once for everybody. */
  after(spent: Producer | undefined): Effect.Effect<Producer, LogError>
}

const patienceMillis = 30_000
/** Of no meaning outside of transactions, but checked. */
const transactionTimeoutMillis = 60_000

const ask = (cluster: Cluster["Service"], reach: Reach) =>
  Effect.gen(function*() {
    const link = yield* cluster.any("append")
    const { code, producerEpoch, producerId } = yield* link.call(initProducerId, {
      transactionalId: null,
      transactionTimeoutMillis
    })
    if (code === ErrorCode.NONE) return { producerId, producerEpoch }
    if (code === ErrorCode.CLUSTER_AUTHORIZATION_FAILED) return yield* refused(reach, code, `${reach.prefix}.*`)
    return yield* notYet(`${link.address} gives no producer id: ${errorName(code)}`, code)
  })

export const makeProducers = (cluster: Cluster["Service"], reach: Reach): Producers => {
  const turn = Semaphore.makeUnsafe(1)
  const journal = makeJournal()
  let current: Producer | undefined
  const asked = persist(ask(cluster, reach), journal).pipe(
    Effect.tap((producer) => Effect.sync(() => current = producer))
  )
  const after = (spent: Producer | undefined): Effect.Effect<Producer, LogError> => {
    const mine = turn.withPermit(
      Effect.suspend(() => current === undefined || current === spent ? asked : Effect.succeed(current))
    )
    // The deadline is around the turn too: many lanes that wait for a dead cluster give up together.
    return within(mine, patienceMillis, journal)
  }
  return { after }
}
