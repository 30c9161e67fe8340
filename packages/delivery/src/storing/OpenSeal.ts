/** The open seal: getting its content to hand again, and bringing it to an end. */
import type { Seal } from "@tailrace/domain"
import { Effect } from "effect"
import { lookOnce, tryOnce } from "./Ending.ts"
import type { VersionRules } from "../ruling/RuleBook.ts"
import type { StoreLeg } from "./StoreLeg.ts"
import { emptyWindow } from "./Sealing.ts"
import { type Outcome, suspend } from "../leg/Failing.ts"
import { send } from "./Sending.ts"

/** The rules that made the seal's content, whatever they are now. */
const rulesOf = (leg: StoreLeg, { rulesVersion }: Seal): VersionRules | null => {
  const version = leg.destination.versions.find(({ version }) => version === rulesVersion)
  return version === undefined ? null : leg.services.rules.of(leg.destination, version)
}

/** Reads the open seal's records again; an empty period's content needs no reading. */
export const rebuild = Effect.fnUntraced(function*(leg: StoreLeg, open: Seal): Effect.fn.Return<Outcome> {
  yield* leg.detach(open.from)
  if (open.from === open.to) {
    leg.gather.at = open.to
    leg.sealed = emptyWindow(leg, open.to, { codec: open.codec, manifest: open.contentBytes > 0 })
    leg.sealed.finish()
    yield* leg.sealed.settled
  } else leg.gather.beginRebuild(open.from, open.to, { ...open, rules: rulesOf(leg, open) })
  leg.topic.attach(leg)
  return "goOn"
})

/** The content of the open seal: as gathered, or as read again and then held against its digest. */
const content = Effect.fnUntraced(function*(leg: StoreLeg, open: Seal) {
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

/** Sends the open seal's content; `once`: its target is no longer the destination's. */
export const sendOpen = Effect.fnUntraced(
  function*(leg: StoreLeg, open: Seal, once: boolean): Effect.fn.Return<Outcome> {
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
  }
)

/** The open seal's records have expired. */
export const inspectOpen = Effect.fnUntraced(function*(leg: StoreLeg, open: Seal): Effect.fn.Return<Outcome> {
  const { deleted } = leg.destination
  const ends = deleted || open.target !== leg.targetOf(leg.version)
  const outcome = yield* lookOnce(leg, open, ends)
  if (outcome === "goOn") leg.topic.attach(leg)
  return outcome
})
