/** Records that a receiver refuses: poison goes to quarantine, within a limit; beyond it the leg is suspended. */
import { judgeRefusals, notRefused, type ReceiverAnswer, refusedInRowMax, type RefusedItem } from "@tailrace/domain"
import { type Misconfigured, misconfigured } from "../leg/Failing.ts"
import type { Parcel } from "./Parcel.ts"
import type { ReceiverLeg } from "./ReceiverLeg.ts"

export type Partly = Extract<ReceiverAnswer, { readonly _tag: "Partly" }>

/** None of them is put aside: there is something wrong with more than them. */
const tooMany = (why: string, refused: ReadonlyArray<RefusedItem>): Misconfigured =>
  misconfigured(`${why}: ${refused[0]?.reason ?? "no reason"}`)

/** It refused too much before. Whether it still does, other records show: until one is taken, none is put aside. */
const doubt = (leg: ReceiverLeg, parcel: Parcel, refused: ReadonlyArray<RefusedItem>): Misconfigured | null => {
  leg.doubtful.push(parcel.pick(refused.map(({ index }) => index)))
  const count = leg.doubtful.reduce((sum, held) => sum + held.count, 0)
  return count > refusedInRowMax || !leg.hasMore ? tooMany("records are refused as before", refused) : null
}

/** The refused ones as numbers among those that were answered for. */
const placesOf = (refused: ReadonlyArray<RefusedItem>, again: ReadonlyArray<number>): ReadonlyArray<number> => {
  let before = 0
  return refused.map(({ index }) => {
    while (before < again.length && (again[before] ?? 0) < index) before++
    return index - before
  })
}

/** `count` records were taken one after the other; if any were, those in doubt are tried once more. */
export const noteTaken = (leg: ReceiverLeg, count: number): void => {
  leg.refusals = notRefused(leg.refusals, count)
  if (count > 0) { for (const parcel of leg.doubtful.splice(0)) leg.batching.sendAgain(parcel) }
}

/** Puts refused records aside; or answers why they are no poison. */
export const putAside = (
  leg: ReceiverLeg,
  parcel: Parcel,
  { again, refused }: Pick<Partly, "again" | "refused">
): Misconfigured | null => {
  const answered = parcel.count - again.length
  if (refused.length === 0) noteTaken(leg, answered)
  if (refused.length === 0) return null
  if (leg.refusals.strict && answered === refused.length) return doubt(leg, parcel, refused)
  const judged = judgeRefusals(leg.refusals, answered, placesOf(refused, again))
  leg.refusals = judged.refusals
  if (judged.tooMany !== null) return tooMany(judged.tooMany, refused)
  for (const { index, reason } of refused) parcel.batch.refuse(parcel.indexOf(index), reason)
  if (answered > refused.length) { for (const held of leg.doubtful.splice(0)) leg.batching.sendAgain(held) }
  return null
}
