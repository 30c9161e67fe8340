/**
 * What an answer does to the records that were sent: taken, refused, or to be sent again. In one synchronous step; what
 * it means to the leg as a whole is left in `trouble` for its fiber.
 */
import { judgeRefusals, notRefused, type ReceiverAnswer, type RefusedItem } from "@tailrace/domain"
import type { Failure } from "../leg/Failing.ts"
import { type Sizes, withAnswer } from "./Figures.ts"
import { accepted, fewer } from "./InFlight.ts"
import type { Parcel } from "./Parcel.ts"
import type { ReceiverLeg } from "./ReceiverLeg.ts"

/** A request that was answered. */
export interface Flight extends Sizes {
  readonly parcel: Parcel
  /** It held as much as one may: its time tells whether the receiver keeps up. */
  readonly isFull: boolean
}

/** An answer, and how long it took. */
export interface Answered {
  readonly answer: ReceiverAnswer
  readonly millis: number
}

type Partly = Extract<ReceiverAnswer, { readonly _tag: "Partly" }>
type TooLarge = Extract<ReceiverAnswer, { readonly _tag: "TooLarge" }>

const fail = (leg: ReceiverLeg, failure: Failure): void => {
  leg.inFlight = fewer(leg.inFlight)
  if (failure._tag === "Misconfigured") leg.trouble = failure
  else if (!leg.isHoldingBack) leg.trouble ??= failure
  leg.isHoldingBack = true
}

const took = (leg: ReceiverLeg, parcel: Parcel): void => {
  const { count } = parcel
  leg.refusals = notRefused(leg.refusals, count)
  if (parcel.picked === null) parcel.batch.takeAll(parcel.from, parcel.end)
  else for (const index of parcel.picked) parcel.batch.take(index)
}

const setAside = (leg: ReceiverLeg, parcel: Parcel, refused: ReadonlyArray<RefusedItem>): void => {
  const judged = judgeRefusals(leg.refusals, parcel.count, refused.map(({ index }) => index))
  leg.refusals = judged.refusals
  if (judged.tooMany === null) {
    for (const { index, reason } of refused) parcel.batch.refuse(parcel.indexOf(index), reason)
    return
  }
  // None of them is put aside, for there is something wrong with more than them: they stay as they are.
  const message = `${judged.tooMany}: ${refused[0]?.reason ?? "no reason"}`
  fail(leg, { _tag: "Misconfigured", message, status: null })
}

const nothingTaken: Failure = {
  _tag: "Transient",
  message: "nothing was taken, and no reason given",
  status: null,
  retryAfterMillis: null,
  maybeStored: false
}

const partly = (leg: ReceiverLeg, parcel: Parcel, { again, failure, refused }: Partly): void => {
  const others = new Set([...again, ...refused.map(({ index }) => index)])
  for (let n = 0; n < parcel.count; n++) if (!others.has(n)) parcel.batch.take(parcel.indexOf(n))
  if (refused.length > 0) setAside(leg, parcel, refused)
  else leg.refusals = notRefused(leg.refusals, parcel.count - again.length)
  leg.batching.sendAgain(parcel.pick(again))
  if (failure !== null) fail(leg, { _tag: "Transient", ...failure })
  else if (again.length === parcel.count) fail(leg, nothingTaken)
}

/** Halves are sent in its stead; a single record is refused, with the receiver's words. */
const tooLarge = (leg: ReceiverLeg, parcel: Parcel, { message }: TooLarge): void => {
  const { count } = parcel
  if (count === 1) {
    setAside(leg, parcel, [{ index: 0, reason: message }])
    return
  }
  const half = Math.ceil(count / 2)
  leg.bytesMax = Math.min(leg.bytesMax, Math.ceil(parcel.bytes / 2))
  leg.batching.target = { ...leg.batching.target, bytes: Math.min(leg.batching.target.bytes, leg.bytesMax) }
  leg.batching.sendAgain(parcel.slice(0, half))
  leg.batching.sendAgain(parcel.slice(half, count))
}

const tookSome = (answer: ReceiverAnswer, count: number): boolean =>
  answer._tag === "Accepted"
  || (answer._tag === "Partly" && answer.refused.length + answer.again.length < count)

/** Deals with the answer to one request. */
export const settle = (leg: ReceiverLeg, flight: Flight, { answer, millis }: Answered): void => {
  const { parcel } = flight
  const failed = answer._tag !== "Accepted"
  leg.figures = withAnswer(leg.figures, flight, { failed, tookSome: tookSome(answer, parcel.count) })
  switch (answer._tag) {
    case "Accepted":
      took(leg, parcel)
      if (answer.slower) leg.inFlight = fewer(leg.inFlight)
      else if (flight.isFull) leg.inFlight = accepted(leg.inFlight, millis, leg.opened?.receiver.limits.inFlight ?? 1)
      return
    case "Partly":
      return partly(leg, parcel, answer)
    case "TooLarge":
      return tooLarge(leg, parcel, answer)
    case "Transient":
    case "Misconfigured":
      leg.batching.sendAgain(parcel)
      return fail(leg, answer)
  }
}
