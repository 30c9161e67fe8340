/**
 * Five bugs, put in by wrapping the log port: what delivery would do to the world if it were wrong in these ways. The
 * simulation must find each of them. No product code knows of this.
 */
import { LedgerEvent } from "@tailrace/domain"
import type { Fenced, LaneEntry, LaneWriter, Log, LogError, Topic } from "@tailrace/log"
import { Effect, Schema } from "effect"
import type { WrapLog } from "../world/Fleet.ts"
import { textOf } from "../world/History.ts"

const codec = Schema.fromJsonString(LedgerEvent)
const decode = Schema.decodeUnknownSync(codec)
const encode = Schema.encodeSync(codec)

const eventOf = (entry: LaneEntry): LedgerEvent | undefined =>
  entry.topic === "ledger" ? decode(textOf(entry.value)) : undefined

const tagOf = (entry: LaneEntry): string | undefined => eventOf(entry)?._tag

type Ends = ReadonlyMap<Topic, number>
type Commit = (entries: ReadonlyArray<LaneEntry>) => Effect.Effect<Ends, Fenced | LogError>

/** Puts another commit in the place of each writer's own. */
const wrapCommit = (change: (inner: LaneWriter, log: Log["Service"]) => Commit): WrapLog => (log) => ({
  ...log,
  claim: (lane) => Effect.map(log.claim(lane), (inner) => ({ lane, commit: change(inner, log) }))
})

const merged = (a: Ends, b: Ends): Ends => new Map([...a, ...b])

/** The cursor is durable before the quarantined records are: a crash in between loses them. */
const cursorBeforeQuarantine = wrapCommit((inner) => (entries) => {
  const refused = entries.filter(({ topic }) => topic === "quarantine")
  const rest = entries.filter(({ topic }) => topic !== "quarantine")
  if (refused.length === 0 || rest.length === 0) return inner.commit(entries)
  return Effect.flatMap(inner.commit(rest), (ends) => Effect.map(inner.commit(refused), (more) => merged(ends, more)))
})

/** A writer that was fenced goes on writing. */
const noFence = wrapCommit((inner, log) => (entries) =>
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
const sealAfterSend = wrapCommit((inner, log) => {
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
      return { ...entry, value: new TextEncoder().encode(encode({ ...event, to })) }
    })
    return inner.commit(changed)
  }
})

/** A lane that has grown again passes for the one that was read. */
const markNotLookedAt: WrapLog = (log) => ({ ...log, recognizes: () => Effect.succeed("same") })

export const plantedBugs = {
  "cursor before quarantine": cursorBeforeQuarantine,
  "no fence": noFence,
  "seal after send": sealAfterSend,
  "cursor from the wrong seal": cursorFromWrongSeal,
  "mark not looked at": markNotLookedAt
} as const satisfies Readonly<Record<string, WrapLog>>
