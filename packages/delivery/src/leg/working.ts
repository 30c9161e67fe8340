/** What *streaming* and *catching up* have in common: look, decide, carry the step out, until the state changes. */
import type { Seal } from "@tailrace/domain"
import { Clock, Effect } from "effect"
import type { Window } from "../gather/Window.ts"
import { quarantineEntry } from "../read/Strays.ts"
import { lookOnce, tryOnce } from "./Ending.ts"
import type { Leg } from "./Leg.ts"
import { advanceTick, look, untilTick } from "./look.ts"
import { nextStep, type Step } from "./nextStep.ts"
import { emptyWindow, sealWindow } from "./Sealing.ts"
import { failed, type Outcome, send, suspend } from "./Sending.ts"
import type { Next } from "./states/State.ts"
import { canaryKey, openStore, probe, targetOf } from "./Store.ts"

/** Finds out what the store can do, once for each target, before anything is sealed for it. */
const ensureProbed = Effect.fnUntraced(function*(leg: Leg): Effect.fn.Return<Outcome> {
  const target = targetOf(leg, leg.version)
  if (leg.state.probed?.target === target) return "goOn"
  const key = canaryKey(leg.version, leg.id)
  const result = yield* Effect.result(
    Effect.scoped(Effect.flatMap(openStore(leg, target), (store) => probe(store, key)))
  )
  if (result._tag === "Failure") return yield* failed(leg, result.failure)
  const { answer, capabilities } = result.success
  if (answer._tag === "Transient" || answer._tag === "Misconfigured") return yield* failed(leg, answer)
  if (capabilities === null) return "goOn"
  const at = yield* Clock.currentTimeMillis
  yield* leg.services.ledger.commit([{ _tag: "Probed", destination: leg.id, target, capabilities, at }])
  return "goOn"
})

/** Only refused records: no object, they go to quarantine with the cursor. */
const quarantine = Effect.fnUntraced(function*(leg: Leg, window: Window) {
  const at = yield* Clock.currentTimeMillis
  const from = { topic: leg.topic.topic, lane: leg.services.lane, destination: leg.id }
  yield* leg.services.ledger.commit([
    {
      _tag: "BatchQuarantined",
      destination: leg.id,
      from: window.from,
      to: window.to,
      quarantined: window.skipped.length,
      at
    }
  ], window.refused.map((record) => quarantineEntry(record, from)))
  leg.ending = null
  yield* window.release
})

const seal = Effect.fnUntraced(function*(leg: Leg, take: () => Window | null): Effect.fn.Return<Outcome> {
  const outcome = yield* ensureProbed(leg)
  // What the spool lost while the store was probed must be read again, not sealed.
  if (outcome !== "goOn" || leg.gather.isLost) return outcome
  const window = take()
  // It had no room for more, and so the catch-up reader had passed it over.
  if (leg.gather.isHungry) leg.topic.hungry.openUnsafe()
  if (window === null) return "goOn"
  leg.ending = window
  if (window.count === 0 && window.skipped.length > 0) yield* quarantine(leg, window)
  else yield* sealWindow(leg, window, "records")
  return "goOn"
})

const sealEmpty = Effect.fnUntraced(function*(leg: Leg): Effect.fn.Return<Outcome> {
  const outcome = yield* ensureProbed(leg)
  if (outcome !== "goOn" || leg.gather.window !== null) return outcome
  const { codec, emptyWindows } = leg.version.upload
  const manifest = emptyWindows === "manifest"
  yield* sealWindow(leg, emptyWindow(leg, leg.position, { codec, manifest }), manifest ? "manifest" : "records")
  return "goOn"
})

const adopt = Effect.fnUntraced(function*(leg: Leg): Effect.fn.Return<Outcome> {
  const at = yield* Clock.currentTimeMillis
  const { version } = leg.version
  leg.tickAt = null
  yield* leg.services.ledger.commit([{ _tag: "ConfigAdopted", destination: leg.id, configVersion: version, at }])
  return "goOn"
})

/** The records from the leg's place to what is still retained are lost to it; the ledger says which. */
const expire = Effect.fnUntraced(function*(leg: Leg): Effect.fn.Return<Outcome> {
  const to = leg.gather.expiredTo
  if (to === null) return "goOn"
  const at = yield* Clock.currentTimeMillis
  const from = leg.gather.at
  if (from < to) yield* leg.services.ledger.commit([{ _tag: "RecordsExpired", destination: leg.id, from, to, at }])
  yield* leg.detach(to)
  leg.topic.attach(leg)
  return "goOn"
})

/** Reads the open seal's records again; an empty period's content needs no reading. */
const rebuild = Effect.fnUntraced(function*(leg: Leg, open: Seal): Effect.fn.Return<Outcome> {
  yield* leg.detach(open.from)
  if (open.from === open.to) {
    leg.gather.at = open.to
    leg.sealed = emptyWindow(leg, open.to, { codec: open.codec, manifest: open.contentBytes > 0 })
    leg.sealed.finish()
    yield* leg.sealed.settled
  } else leg.gather.beginRebuild(open.from, open.to, open)
  leg.topic.attach(leg)
  return "goOn"
})

const reread = Effect.fnUntraced(function*(leg: Leg): Effect.fn.Return<Outcome> {
  yield* leg.detach(leg.doneUpTo)
  yield* Effect.sleep(leg.services.limits.backoff.baseMillis)
  leg.topic.attach(leg)
  return "goOn"
})

/** The content of the open seal: as gathered, or as read again and then held against its digest. */
const content = Effect.fnUntraced(function*(leg: Leg, open: Seal) {
  const rebuilt = leg.gather.takeRebuilt()
  if (rebuilt === null) return leg.sealed
  const digest = rebuilt.finish()
  yield* rebuilt.settled
  if (digest === open.contentSha256 && !rebuilt.broken) {
    leg.sealed = rebuilt
    leg.topic.attach(leg)
    return rebuilt
  }
  yield* rebuilt.release
  return rebuilt.broken ? null : digest
})

const sendOpen = Effect.fnUntraced(function*(leg: Leg, open: Seal, once: boolean): Effect.fn.Return<Outcome> {
  const window = yield* content(leg, open)
  if (window === null) return yield* rebuild(leg, open)
  if (typeof window === "string") {
    const message = `records ${open.from} to ${open.to - 1} no longer have the sealed content`
    yield* suspend(leg, { message, status: null })
    return "suspended"
  }
  if (!once) return yield* send(leg, open, window)
  yield* tryOnce(leg, open, window)
  leg.topic.attach(leg)
  return "goOn"
})

const inspectOpen = Effect.fnUntraced(function*(leg: Leg, open: Seal): Effect.fn.Return<Outcome> {
  const { deleted } = leg.destination
  const ends = deleted || open.target !== targetOf(leg, leg.version)
  const outcome = yield* lookOnce(leg, open, ends)
  if (outcome === "goOn") leg.topic.attach(leg)
  return outcome
})

const wait = Effect.fnUntraced(function*(leg: Leg): Effect.fn.Return<Outcome> {
  const millis = Math.max(0, yield* untilTick(leg))
  yield* Effect.raceFirst(leg.awake, Effect.sleep(millis))
  return "goOn"
})

const carryOut = (leg: Leg, step: Step): Effect.Effect<Outcome> => {
  const open = leg.state.seal
  switch (step) {
    case "reread":
      return reread(leg)
    case "adopt":
      return adopt(leg)
    case "sealFull":
      return seal(leg, () => leg.gather.takeFull())
    case "sealWindow":
      // While the store was probed, the window may have come to its end and another one begun.
      return seal(leg, () => leg.gather.takeFull() ?? leg.gather.takeWindow(leg.position))
    case "sealEmpty":
      return sealEmpty(leg)
    case "expire":
      return expire(leg)
    case "wait":
      return wait(leg)
    default:
      return open === null ? Effect.succeed("goOn") : withSeal(leg, open, step)
  }
}

const withSeal = (leg: Leg, open: Seal, step: Step): Effect.Effect<Outcome> => {
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

/** In which of the two states the leg is, by who feeds it. */
export const workingState = (leg: Leg): Next => leg.gather.mode === "live" ? "streaming" : "catchingUp"

/** One step; answers the state to go on in. */
export const work = Effect.fnUntraced(function*(leg: Leg): Effect.fn.Return<Next> {
  const due = (yield* untilTick(leg)) <= 0
  const step = nextStep(look(leg, due))
  const after = stateAfter[step]
  if (after !== undefined) return after
  if (due && (step === "wait" || step === "sealWindow" || step === "sealEmpty")) yield* advanceTick(leg)
  const outcome = yield* carryOut(leg, step)
  return outcome === "goOn" ? workingState(leg) : outcome
})
