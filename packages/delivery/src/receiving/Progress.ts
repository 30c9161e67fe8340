/**
 * Moving the cursor: the acknowledged prefix goes into the ledger, with the refused records in it to quarantine, in one
 * commit. Never more than one is under way for a leg; what is acknowledged meanwhile goes into the next one.
 */
import type { LedgerEvent } from "@tailrace/domain"
import { Clock, Effect, Metric } from "effect"
import * as Metrics from "../Metrics.ts"
import { quarantineEntry } from "../read/Strays.ts"
import { type Figures, noFigures } from "./Figures.ts"
import { type Done, takeDone } from "./Prefix.ts"
import type { ReceiverLeg } from "./ReceiverLeg.ts"

const eventOf = (leg: ReceiverLeg, done: Done, { at, figures }: { at: number; figures: Figures }): LedgerEvent => {
  const { count, from, refused, to } = done
  const of = { destination: leg.id, from, to, quarantined: refused.length, at }
  if (count === 0 && figures.requests === 0) return { _tag: "BatchQuarantined", ...of }
  const configVersion = leg.opened?.version ?? leg.version.version
  const waits = leg.isHoldingBack ? { waits: true } : {}
  return { _tag: "RecordsDelivered", ...of, ...figures, count, configVersion, ...waits }
}

const commitDone = Effect.fnUntraced(function*(leg: ReceiverLeg, done: Done) {
  const { lane, ledger } = leg.services
  const { figures } = leg
  leg.figures = noFigures
  const at = yield* Clock.currentTimeMillis
  const from = { topic: leg.topic.topic, lane, destination: leg.id }
  const entries = done.refused.map((record) => quarantineEntry(record, from))
  yield* ledger.commit([eventOf(leg, done, { figures, at })], entries)
  if (done.count > 0) leg.suspensions = 0
  yield* Metric.update(Metrics.deliveredRecords, done.count)
  yield* Metric.update(Metrics.deliveredBytes, figures.bytes)
  yield* Metric.update(Metrics.quarantinedRecords, done.refused.length)
})

/** Takes what is done from the front of the batches, whose memory is given back, on its way into the ledger. */
export const gatherDone = (leg: ReceiverLeg): void => {
  leg.done = takeDone(leg.batching.batches, leg.done, leg.services.limits)
  leg.batching.releaseDone()
}

/** While other requests are under way, their answers are waited for a moment: a commit costs as much as a request. */
const mergeMillis = 50

const commitOnce = (leg: ReceiverLeg): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { done } = leg
    if (done === null) return Effect.void
    leg.done = null
    leg.committing = done.from
    return commitDone(leg, done).pipe(Effect.ensuring(Effect.sync(() => void (leg.committing = null))))
  }).pipe(leg.turn.withPermits(1))

/** Commits what is done, again and again until nothing more is, unless somebody does so already. */
export const commitProgress = (leg: ReceiverLeg): Effect.Effect<void> =>
  Effect.suspend(() => {
    gatherDone(leg)
    if (leg.isCommitting || leg.done === null) return Effect.void
    leg.isCommitting = true
    const finish = Effect.sync(() => {
      leg.isCommitting = false
      leg.wake()
    })
    return Effect.when(Effect.sleep(mergeMillis), Effect.sync(() => leg.requests > 0)).pipe(
      Effect.andThen(commitOnce(leg)),
      Effect.ensuring(finish),
      Effect.andThen(commitProgress(leg))
    )
  })
