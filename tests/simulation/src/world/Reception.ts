/**
 * What a receiver does with one request that arrives: which records it takes and what it answers, by its style, its
 * limits, its troubles, and the weather.
 */
import { ReceiverAnswer, type RefusedItem } from "@tailrace/domain"
import type { Index, Item, Send } from "./Indexes.ts"
import { poisonMark } from "./Records.ts"
import type { World } from "./World.ts"

export interface Arrival {
  readonly world: World
  readonly index: Index
  readonly secret: string
  readonly send: Send
  /** Bytes of the body before compression. */
  readonly contentBytes: number
}

/** What a request does there, and what is said of it. */
interface Outcome {
  readonly taken: ReadonlyArray<number>
  readonly answer: ReceiverAnswer
}

export const transient = (
  status: number | null,
  maybeStored: boolean,
  retryAfterMillis: number | null = null
): ReceiverAnswer =>
  ReceiverAnswer.cases.Transient.make({
    message: `answered ${status ?? "nothing"}`,
    status,
    retryAfterMillis,
    maybeStored
  })

const misconfigured = (status: number): ReceiverAnswer =>
  ReceiverAnswer.cases.Misconfigured.make({ message: `answered ${status}`, status })

const isPoison = ({ line }: Item): boolean => line.includes(poisonMark)

/** Answers that say that nothing was taken, whatever the records. */
const refusal = ({ contentBytes, index, secret, world }: Arrival): ReceiverAnswer | undefined => {
  if (index.refused.has(secret)) {
    const status = world.dice.pick([401, 403] as const)
    world.fault(`receiver answers ${status}`)
    return misconfigured(status)
  }
  if (index.outage === "error") return transient(503, false)
  if (index.hiddenBytes !== null && contentBytes > index.hiddenBytes) {
    world.fault("413 over a hidden limit")
    return ReceiverAnswer.cases.TooLarge.make({ message: `413: over ${index.hiddenBytes} bytes`, status: 413 })
  }
  if (index.style !== "plain" || !index.refusesAll) return undefined
  world.fault("receiver refuses everything", "400")
  return misconfigured(400)
}

/** Counts and names a refusal, in words that stand in one answer only. */
const refuse = ({ index, send, world }: Arrival, at: number): RefusedItem => {
  const item = send.items[at]
  const where = at === 0 ? "the first" : at === send.items.length - 1 ? "the last" : "a middle"
  const why = index.refusesAll ? "everything refused" : item !== undefined && isPoison(item) ? "poison" : "no reason"
  if (index.refusesAll) world.fault("receiver refuses everything", index.style)
  else world.fault(`${index.style} refuses ${where} record`, why)
  if (why === "poison" && item !== undefined && item.line.length >= index.limits.recordBytes * 0.8) {
    world.fault("poison record of maximum size", `${item.line.length} bytes`)
  }
  return { index: at, reason: `${why}: record ${item?.offset} in request ${send.id}` }
}

/** What the weather does to the records of one request. */
type Mood = "fair" | "refuses" | "again" | "againAfterPause"

const isRefused = ({ index, world }: Arrival, item: Item, mood: Mood): boolean =>
  index.refusesAll || isPoison(item) || (mood === "refuses" && world.dice.chance(0.1))

/** Everything before the first bad record is taken, nothing behind it. */
const receiveHec = (arrival: Arrival, mood: Mood, slower: boolean): Outcome => {
  const all = arrival.send.items.map((_, at) => at)
  const bad = arrival.send.items.findIndex((item) => isRefused(arrival, item, mood))
  if (bad < 0) return { taken: all, answer: ReceiverAnswer.cases.Accepted.make({ slower }) }
  const refused = [refuse(arrival, bad)]
  return {
    taken: all.slice(0, bad),
    answer: ReceiverAnswer.cases.Partly.make({ refused, again: all.slice(bad + 1), failure: null })
  }
}

const receiveBulk = (arrival: Arrival, mood: Mood, slower: boolean): Outcome => {
  const { dice } = arrival.world
  const refused: Array<RefusedItem> = []
  const again: Array<number> = []
  const taken: Array<number> = []
  arrival.send.items.forEach((item, at) => {
    if (isRefused(arrival, item, mood)) refused.push(refuse(arrival, at))
    else if ((mood === "again" || mood === "againAfterPause") && dice.chance(0.4)) again.push(at)
    else taken.push(at)
  })
  if (refused.length + again.length === 0) return { taken, answer: ReceiverAnswer.cases.Accepted.make({ slower }) }
  if (again.length > 0) arrival.world.fault(mood === "again" ? "items again" : "items again after a pause")
  if (refused.length > 0 && taken.length + again.length > 0) arrival.world.fault("mixed _bulk answer")
  const pause = { message: "items answered 429", status: 429, retryAfterMillis: dice.pick([null, 2_000]) }
  const failure = mood === "againAfterPause" && again.length > 0 ? { ...pause, maybeStored: false } : null
  return { taken, answer: ReceiverAnswer.cases.Partly.make({ refused, again, failure }) }
}

/** What is taken of a request is taken once and for all; the answer may still be lost. */
export const receive = (arrival: Arrival, mood: Mood, slower: boolean): ReceiverAnswer => {
  const { index, send, world } = arrival
  const refused = refusal(arrival)
  const { answer, taken } = refused !== undefined
    ? { taken: [], answer: refused }
    : index.style === "hec"
    ? receiveHec(arrival, mood, slower)
    : index.style === "bulk"
    ? receiveBulk(arrival, mood, slower)
    : { taken: send.items.map((_, at) => at), answer: ReceiverAnswer.cases.Accepted.make({ slower }) }
  send.taken = new Set(taken)
  for (const at of taken) {
    const item = send.items[at]
    if (item !== undefined) index.received.push({ ...item, at: world.timeline.now, send })
  }
  if (slower && answer._tag === "Accepted") world.fault("accepted, asks for less")
  return answer
}
