/** What a leg to a store does in *streaming* and *catching up*: look, decide, carry the step out. */
import type { Seal } from "@tailrace/domain"
import { Clock, Effect } from "effect"
import type { StoreLeg } from "./StoreLeg.ts"
import { advanceTick, look, untilTick } from "./look.ts"
import { nextStep, type Step } from "./nextStep.ts"
import { inspectOpen, rebuild, sendOpen } from "./OpenSeal.ts"
import type { Outcome } from "../leg/Failing.ts"
import type { Next } from "../leg/states/State.ts"
import { endEmptyPeriod, endWindow } from "./WindowEnd.ts"

const adopt = Effect.fnUntraced(function*(leg: StoreLeg): Effect.fn.Return<Outcome> {
  const at = yield* Clock.currentTimeMillis
  const { version } = leg.version
  leg.tickAt = null
  yield* leg.services.ledger.commit([{ _tag: "ConfigAdopted", destination: leg.id, configVersion: version, at }])
  return "goOn"
})

/** The records from the leg's place to what is still retained are lost to it; the ledger says which. */
const expire = Effect.fnUntraced(function*(leg: StoreLeg): Effect.fn.Return<Outcome> {
  const to = leg.gather.expiredTo
  if (to === null) return "goOn"
  const at = yield* Clock.currentTimeMillis
  const from = leg.gather.at
  if (from < to) yield* leg.services.ledger.commit([{ _tag: "RecordsExpired", destination: leg.id, from, to, at }])
  yield* leg.detach(to)
  leg.topic.attach(leg)
  return "goOn"
})

const reread = Effect.fnUntraced(function*(leg: StoreLeg): Effect.fn.Return<Outcome> {
  yield* leg.detach(leg.doneUpTo)
  yield* Effect.sleep(leg.services.limits.backoff.baseMillis)
  leg.topic.attach(leg)
  return "goOn"
})

const wait = Effect.fnUntraced(function*(leg: StoreLeg): Effect.fn.Return<Outcome> {
  const millis = Math.max(0, yield* untilTick(leg))
  yield* leg.awakeWithin(millis)
  return "goOn"
})

const carryOut = (leg: StoreLeg, step: Step): Effect.Effect<Outcome> => {
  const open = leg.state.seal
  switch (step) {
    case "reread":
      return reread(leg)
    case "adopt":
      return adopt(leg)
    case "sealFull":
      return endWindow(leg, () => leg.gather.takeFull())
    case "sealWindow":
      // While the store was probed, the window may have come to its end and another one begun.
      return endWindow(leg, () => leg.gather.takeFull() ?? leg.gather.takeWindow(leg.position))
    case "sealEmpty":
      return endEmptyPeriod(leg)
    case "expire":
      return expire(leg)
    case "wait":
      return wait(leg)
    default:
      return open === null ? Effect.succeed("goOn") : withSeal(leg, open, step)
  }
}

const withSeal = (leg: StoreLeg, open: Seal, step: Step): Effect.Effect<Outcome> => {
  switch (step) {
    case "rebuild":
      return rebuild(leg, open)
    case "send":
      return sendOpen(leg, open, false)
    case "trySend":
      return sendOpen(leg, open, true)
    case "inspect":
      return inspectOpen(leg, open)
    default:
      return Effect.succeed("goOn")
  }
}

const stateAfter: { readonly [S in Step]?: Next } = {
  drain: "draining",
  pause: "paused",
  close: "closing",
  rest: "resting"
}

/** One step; answers the state to go on in. */
export const work = Effect.fnUntraced(function*(leg: StoreLeg): Effect.fn.Return<Next> {
  const due = (yield* untilTick(leg)) <= 0
  const step = nextStep(look(leg, due))
  const after = stateAfter[step]
  if (after !== undefined) return after
  if (due && (step === "wait" || step === "sealWindow" || step === "sealEmpty")) yield* advanceTick(leg)
  const outcome = yield* carryOut(leg, step)
  return outcome === "goOn" ? leg.workingState : outcome
})
