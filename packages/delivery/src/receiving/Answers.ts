/**
 * What an answer does to the records that were sent: taken, refused, or to be sent again. In one synchronous step; what
 * it means to the leg as a whole is left in `trouble` for its fiber.
 */
import type { ReceiverAnswer } from "@tailrace/domain"
import type { Failure } from "../leg/Failing.ts"
import { type Sizes, withAnswer } from "./Figures.ts"
import { accepted, fewer } from "./InFlight.ts"
import type { Parcel } from "./Parcel.ts"
import type { ReceiverLeg } from "./ReceiverLeg.ts"
import { noteTaken, type Partly, putAside } from "./Refusing.ts"

/** A request that was answered. */
export interface Flight extends Sizes {
  readonly parcel: Parcel
  /** It held as much as one may: its time tells whether the receiver keeps up. */
  readonly isFull: boolean
}

/** An answer, how long it took, and what time it is. */
export interface Answered {
  readonly answer: ReceiverAnswer
  readonly millis: number
  readonly now: number
}

type TooLarge = Extract<ReceiverAnswer, { readonly _tag: "TooLarge" }>
type Transient = Extract<Failure, { readonly _tag: "Transient" }>

/** Whether it asks for a longer pause than the one that was noted. */
const asksForMore = (leg: ReceiverLeg, { retryAfterMillis }: Transient, now: number): boolean => {
  const { state: { condition }, trouble } = leg
  if (retryAfterMillis === null || trouble?._tag === "Misconfigured") return false
  if (trouble !== null) return retryAfterMillis > (trouble.retryAfterMillis ?? 0)
  return condition._tag !== "BackingOff" || now + retryAfterMillis > condition.retryAt
}

const fail = (leg: ReceiverLeg, failure: Failure, now: number): void => {
  leg.inFlight = fewer(leg.inFlight)
  const counts = failure._tag === "Misconfigured" || !leg.isHoldingBack || asksForMore(leg, failure, now)
  if (counts) leg.trouble = failure
  leg.isHoldingBack = true
}

const nothingTaken: Failure = {
  _tag: "Transient",
  message: "nothing was taken, and no reason given",
  status: null,
  retryAfterMillis: null,
  maybeStored: false
}

const takeAll = (leg: ReceiverLeg, parcel: Parcel): Failure | null => {
  if (parcel.picked === null) parcel.batch.takeAll(parcel.from, parcel.end)
  else for (const index of parcel.picked) parcel.batch.take(index)
  noteTaken(leg, parcel.count)
  return null
}

const takePartly = (leg: ReceiverLeg, parcel: Parcel, answer: Partly): Failure | null => {
  const { again, failure, refused } = answer
  const others = new Set([...again, ...refused.map(({ index }) => index)])
  for (let n = 0; n < parcel.count; n++) if (!others.has(n)) parcel.batch.take(parcel.indexOf(n))
  leg.batching.sendAgain(parcel.pick(again))
  const tooMany = putAside(leg, parcel, answer)
  if (tooMany !== null) return tooMany
  if (failure !== null) return { _tag: "Transient", ...failure }
  return again.length === parcel.count ? nothingTaken : null
}

/** Halves are sent in its stead; a single record is refused, with the receiver's words. */
const halve = (leg: ReceiverLeg, parcel: Parcel, { message }: TooLarge): Failure | null => {
  const { batching } = leg
  const { count } = parcel
  if (count === 1) return putAside(leg, parcel, { again: [], refused: [{ index: 0, reason: message }] })
  const half = Math.ceil(count / 2)
  leg.bytesMax = Math.min(leg.bytesMax, Math.ceil(parcel.bytes / 2))
  batching.target = { ...batching.target, bytes: Math.min(batching.target.bytes, leg.bytesMax) }
  batching.sendAgain(parcel.slice(0, half))
  batching.sendAgain(parcel.slice(half, count))
  return null
}

const tookSome = (answer: ReceiverAnswer, count: number): boolean =>
  answer._tag === "Accepted"
  || (answer._tag === "Partly" && answer.refused.length + answer.again.length < count)

/** What follows for the records; answers what follows for the leg. */
const applied = (leg: ReceiverLeg, parcel: Parcel, answer: ReceiverAnswer): Failure | null => {
  switch (answer._tag) {
    case "Accepted":
      return takeAll(leg, parcel)
    case "Partly":
      return takePartly(leg, parcel, answer)
    case "TooLarge":
      return halve(leg, parcel, answer)
    case "Transient":
    case "Misconfigured":
      leg.batching.sendAgain(parcel)
      return answer
  }
}

/** Deals with the answer to one request. */
export const settle = (leg: ReceiverLeg, flight: Flight, { answer, millis, now }: Answered): void => {
  const { isFull, parcel } = flight
  const failed = answer._tag !== "Accepted"
  leg.figures = withAnswer(leg.figures, flight, { failed, tookSome: tookSome(answer, parcel.count) })
  const failure = applied(leg, parcel, answer)
  if (failure !== null) fail(leg, failure, now)
  if (answer._tag !== "Accepted") return
  if (answer.slower) leg.inFlight = fewer(leg.inFlight)
  else if (isFull) leg.inFlight = accepted(leg.inFlight, millis, leg.opened?.receiver.limits.inFlight ?? 1)
}
