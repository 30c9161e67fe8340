/** What a leg to a receiver does in *streaming* and *catching up*: look, decide, carry the step out. */
import { Clock, Effect, Equal } from "effect"
import { backOff, type Outcome, suspend } from "../leg/Failing.ts"
import type { Next } from "../leg/states/State.ts"
import { look, untilDue } from "./look.ts"
import { nextReceiverStep, type ReceiverStep } from "./nextStep.ts"
import { closeReceiver, ensureOpened } from "./Opened.ts"
import type { ReceiverLeg } from "./ReceiverLeg.ts"
import { begin } from "./Sending.ts"

/** What was gathered under other rules is gathered again: from here on nothing is sent that the new ones forbid. */
const obeyRules = Effect.fnUntraced(function*(leg: ReceiverLeg) {
  const { adopted } = leg.state
  const before = leg.destination.versions.find(({ version }) => version === adopted)
  if (before === undefined || Equal.equals(before.rules, leg.version.rules)) return
  yield* leg.detach(leg.doneUpTo)
  leg.batching.known.clear()
  leg.topic.attach(leg)
})

const adopt = Effect.fnUntraced(function*(leg: ReceiverLeg) {
  const at = yield* Clock.currentTimeMillis
  const { version } = leg.version
  yield* obeyRules(leg)
  // The new configuration may be what they waited for.
  for (const parcel of leg.doubtful.splice(0)) leg.batching.sendAgain(parcel)
  yield* closeReceiver(leg)
  yield* leg.services.ledger.commit([{ _tag: "ConfigAdopted", destination: leg.id, configVersion: version, at }])
})

/** The records from the leg's place to what is still retained are lost to it; the ledger says which. */
const expire = Effect.fnUntraced(function*(leg: ReceiverLeg) {
  const { at: from, expiredTo: to } = leg.batching
  if (to === null) return
  const at = yield* Clock.currentTimeMillis
  if (from < to) yield* leg.services.ledger.commit([{ _tag: "RecordsExpired", destination: leg.id, from, to, at }])
  yield* leg.detach(to)
  leg.topic.attach(leg)
})

/** Most of what a leg has that fails again and again may never be sent from here: it is read again when it is time. */
const shed = Effect.fnUntraced(function*(leg: ReceiverLeg) {
  if (!leg.isFailing || leg.isAtWork) return
  yield* leg.detach(leg.doneUpTo)
  leg.topic.attach(leg)
})

/** A passing failure: others under way may go on. Any other one: these are awaited, then the leg is suspended. */
const fail = Effect.fnUntraced(function*(leg: ReceiverLeg): Effect.fn.Return<Outcome> {
  const { trouble } = leg
  if (trouble === null) return "goOn"
  if (trouble._tag === "Transient") {
    leg.trouble = null
    yield* leg.turn.withPermits(1)(backOff(leg, trouble))
    yield* shed(leg)
    return "backingOff"
  }
  yield* leg.finish
  leg.trouble = null
  leg.suspensions++
  yield* closeReceiver(leg)
  yield* suspend(leg, trouble, leg.suspensions)
  return "suspended"
})

const stateAfter: { readonly [S in ReceiverStep]?: Next } = {
  drain: "draining",
  pause: "paused",
  close: "closing",
  rest: "resting"
}

const carryOut = (leg: ReceiverLeg, step: ReceiverStep, now: number): Effect.Effect<Outcome> => {
  switch (step) {
    case "fail":
      return fail(leg)
    case "adopt":
      return Effect.as(adopt(leg), "goOn")
    case "expire":
      return Effect.as(expire(leg), "goOn")
    case "open":
      return ensureOpened(leg)
    case "send":
      return leg.opened === null ? Effect.succeed("goOn") : Effect.as(begin(leg, leg.opened), "goOn")
    default:
      return Effect.as(leg.awakeWithin(untilDue(leg, now)), "goOn")
  }
}

/** One step; answers the state to go on in. */
export const work = Effect.fnUntraced(function*(leg: ReceiverLeg): Effect.fn.Return<Next> {
  const { noteStep, now, view } = yield* look(leg)
  const step = nextReceiverStep(view)
  noteStep(step)
  const after = stateAfter[step]
  if (after !== undefined) return after
  const outcome = yield* carryOut(leg, step, now)
  return outcome === "goOn" ? leg.workingState : outcome
})
