/**
 * Bugs, put in by wrapping the ports: what delivery would do to the world if it were wrong in these ways. The
 * simulation must find each of them. No product code knows of this.
 */
import type { LaneEntry, Topic } from "@tailrace/log"
import { Effect } from "effect"
import type { WrapLog } from "../world/Fleet.ts"
import { receiverBugs } from "./receiverBugs.ts"
import { type Bug, type Ends, eventOf, withEvent, wrapCommit } from "./wrapping.ts"

const tagOf = (entry: LaneEntry): string | undefined => eventOf(entry)?._tag

const merged = (a: Ends, b: Ends): Ends => new Map([...a, ...b])

/** The cursor is durable before the quarantined records are: a crash in between loses them. */
const cursorBeforeQuarantine = wrapCommit((inner) => (entries) => {
  const refused = entries.filter(({ topic }) => topic === "quarantine")
  const rest = entries.filter(({ topic }) => topic !== "quarantine")
  if (refused.length === 0 || rest.length === 0) return inner.commit(entries)
  return Effect.flatMap(inner.commit(rest), (ends) => Effect.map(inner.commit(refused), (more) => merged(ends, more)))
})

/** A writer that was fenced goes on writing. */
const noFence = wrapCommit((inner, { log }) => (entries) =>
  inner.commit(entries).pipe(
    Effect.catchTag("Fenced", () =>
      Effect.gen(function*() {
        const ends = new Map<Topic, number>()
        for (const [topic, written] of Map.groupBy(entries, (entry) => entry.topic)) {
          const { baseOffset } = yield* log.append(topic, inner.lane, written)
          ends.set(topic, baseOffset + written.length)
        }
        return ends
      }))
  )
)

/** The seal is written together with what became of it, not before the first byte is sent. */
const sealAfterSend = wrapCommit((inner, { log }) => {
  const held = new Map<string, LaneEntry>()
  return (entries) => {
    const written: Array<LaneEntry> = []
    for (const entry of entries) {
      const tag = tagOf(entry)
      if (tag === "BatchSealed") held.set(entry.key ?? "", entry)
      else {
        const seal = tag === "BatchDelivered" || tag === "SealAbandoned" ? held.get(entry.key ?? "") : undefined
        if (seal !== undefined) held.delete(entry.key ?? "")
        written.push(...(seal === undefined ? [entry] : [seal, entry]))
      }
    }
    if (written.length > 0) return inner.commit(written)
    return Effect.map(log.bounds("ledger", inner.lane), ({ next }): Ends => new Map([["ledger", next]]))
  }
})

/** The cursor of a delivery comes from another seal of the lane. */
const cursorFromWrongSeal = wrapCommit((inner) => {
  let lastTo: number | undefined
  return (entries) => {
    const changed = entries.map((entry) => {
      const event = eventOf(entry)
      if (event?._tag === "BatchSealed") lastTo ??= event.seal.to
      if (event?._tag !== "BatchDelivered" || lastTo === undefined) return entry
      const to = lastTo
      lastTo = event.to
      return withEvent(entry, { ...event, to })
    })
    return inner.commit(changed)
  }
})

/** A lane that has grown again passes for the one that was read. */
const markNotLookedAt: WrapLog = (log) => ({ ...log, recognizes: () => Effect.succeed("same") })

export const plantedBugs = {
  "cursor before quarantine": { log: cursorBeforeQuarantine },
  "no fence": { log: noFence },
  "seal after send": { log: sealAfterSend },
  "cursor from the wrong seal": { log: cursorFromWrongSeal },
  "mark not looked at": { log: markNotLookedAt },
  ...receiverBugs
} as const satisfies Readonly<Record<string, Bug>>
