/** Bugs of sending to receivers, put in at the ports: what the simulation must find of rule 10. */
import type { LedgerEvent, ReceiverAnswer } from "@tailrace/domain"
import type { LaneEntry } from "@tailrace/log"
import { Effect } from "effect"
import { toldOf } from "../check/Life.ts"
import type { Process } from "../engine/Process.ts"
import type { Wraps } from "../world/Fleet.ts"
import { uncompressed } from "../world/SimCompression.ts"
import { decode } from "../world/SimEncoder.ts"
import { type Answered, type Bug, eventOf, withEvent, wrapAnswers, wrapCommit } from "./wrapping.ts"

type RecordsDelivered = Extract<LedgerEvent, { readonly _tag: "RecordsDelivered" }>

const changeDelivered = (
  entries: ReadonlyArray<LaneEntry>,
  change: (event: RecordsDelivered) => RecordsDelivered
): ReadonlyArray<LaneEntry> =>
  entries.map((entry) => {
    const event = eventOf(entry)
    return event?._tag === "RecordsDelivered" ? withEvent(entry, change(event)) : entry
  })

/** The cursor is behind the last record that was acknowledged, not behind the first that was not. */
const cursorPastHole = wrapCommit((inner, { process, world }) => (entries) =>
  inner.commit(changeDelivered(entries, (event) => {
    let to = event.to
    for (const send of world.indexes.sends) {
      if (send.destination !== event.destination || send.lane !== inner.lane || send.process !== process.name) continue
      const told = toldOf(send)
      send.items.forEach(({ offset }, at) => {
        if (told[at] === "taken") to = Math.max(to, offset + 1)
      })
    }
    return { ...event, to }
  }))
)

/** Refused records are put aside at once, and the cursor follows in a commit of its own. */
const quarantineBeforeCursor = wrapCommit((inner) => (entries) => {
  const refused = entries.filter(({ topic }) => topic === "quarantine")
  const rest = entries.filter(({ topic }) => topic !== "quarantine")
  const isDelivery = rest.some((entry) => eventOf(entry)?._tag === "RecordsDelivered")
  if (refused.length === 0 || !isDelivery) return inner.commit(entries)
  return Effect.flatMap(
    inner.commit(refused),
    (ends) => Effect.map(inner.commit(rest), (more) => new Map([...ends, ...more]))
  )
})

/** Items to be sent again pass for taken. */
const againDropped = wrapAnswers(({ answer }): ReceiverAnswer =>
  answer._tag === "Partly" ? { ...answer, again: [], failure: null } : answer
)

/** The record before the first refused one passes for not taken. */
const sentTwice = wrapAnswers(({ answer }): ReceiverAnswer => {
  const first = answer._tag === "Partly" ? answer.refused[0]?.index ?? 0 : 0
  if (answer._tag !== "Partly" || first === 0 || answer.again.includes(first - 1)) return answer
  return { ...answer, again: [...answer.again, first - 1].sort((a, b) => a - b) }
})

/** What was refused in each process: put aside whatever there is of it, as long as the cursor goes on. */
const refusedIn = new WeakMap<Process, Map<string, LaneEntry>>()

const keepRefused = ({ answer, context, process, request }: Answered): ReceiverAnswer => {
  if (answer._tag !== "Partly") return answer
  const kept = refusedIn.get(process) ?? new Map<string, LaneEntry>()
  refusedIn.set(process, kept)
  const items = decode(uncompressed(request.codec, request.body) ?? new Uint8Array()) ?? []
  for (const { index, reason } of answer.refused) {
    const item = items[index]
    if (item === undefined) continue
    kept.set(`${context.destination}/${context.lane} ${item.offset}`, {
      topic: "quarantine",
      key: context.destination,
      value: new TextEncoder().encode(item.line),
      headers: { reason, offset: `${item.offset}` }
    })
  }
  return { ...answer, refused: [] }
}

const limitIgnored: Wraps = {
  receivers: wrapAnswers(keepRefused),
  log: wrapCommit((inner, { process }) => (entries) => {
    const more: Array<LaneEntry> = []
    const kept = refusedIn.get(process) ?? new Map<string, LaneEntry>()
    const changed = changeDelivered(entries, (event) => {
      let added = 0
      for (let offset = event.from; offset < event.to; offset++) {
        const entry = kept.get(`${event.destination}/${inner.lane} ${offset}`)
        if (entry === undefined) continue
        more.push(entry)
        added++
      }
      return { ...event, count: event.count - added, quarantined: event.quarantined + added }
    })
    return inner.commit([...changed, ...more])
  })
}

export const receiverBugs = {
  "cursor past a hole": { log: cursorPastHole, shows: "no hole" },
  "quarantine without its cursor": { log: quarantineBeforeCursor, shows: "quarantine" },
  "items to be sent again dropped": { receivers: againDropped, shows: "no hole" },
  "record before a poison sent twice": { receivers: sentTwice, shows: "no repeat" },
  "poison limit ignored": { ...limitIgnored, shows: "poison limit" }
} as const satisfies Readonly<Record<string, Bug>>
