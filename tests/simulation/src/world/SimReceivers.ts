/**
 * The receiver port over simulated indexes. A request may take effect long after its sender has given it up, or died.
 * What no leg may ever do to a receiver is seen here and noted as a violation; the rest is the checker's.
 */
import { InvalidDestination, type Receiver, type ReceiverContext, type ReceiverRequest } from "@tailrace/destinations"
import { Receivers } from "@tailrace/destinations"
import { type Capabilities, type ReceiverAnswer, ReceiverProbe } from "@tailrace/domain"
import { Effect, Redacted } from "effect"
import type { Process } from "../engine/Process.ts"
import { immortal } from "../engine/Timeline.ts"
import type { Index, Send } from "./Indexes.ts"
import { type Arrival, receive, transient } from "./Reception.ts"
import { uncompressed } from "./SimCompression.ts"
import { decode, encode } from "./SimEncoder.ts"
import { refusedUrl, targetOf } from "./SimStores.ts"
import type { World } from "./World.ts"

interface Client {
  readonly world: World
  readonly process: Process
  readonly index: Index
  readonly secret: string
  readonly context: ReceiverContext
  readonly opened: number
  closed: boolean
}

/** How long a client waits for an answer, in milliseconds. */
const clientTimeout = 10_000

const nameOf = ({ context, process }: Client): string => `${process.name} ${context.destination}/${context.lane}`

type Fate = keyof World["weather"]["send"] | "answered"

const faultNames = {
  late: "request answered late",
  requestLost: "request to a receiver lost",
  answerLost: "answer lost after taking",
  landsLate: "request lands late",
  error500: "500 of a receiver",
  tooMany: "429 of a receiver with Retry-After",
  tooLarge: "413 out of the blue"
} as const

/** Fates that are of the answer, and counted where it is made. */
type Mild = Exclude<Fate, keyof typeof faultNames>

const isMild = (fate: Fate): fate is Mild => !(fate in faultNames)

/** When the request arrives (null: never), when its sender is answered, and with what (null: what arriving gives). */
interface Course {
  readonly arrives: number | null
  readonly answered: number
  readonly answer: ReceiverAnswer | null
}

const tooLarge: ReceiverAnswer = { _tag: "TooLarge", message: "answered 413", status: 413 }

const courseOf = ({ index, world: { dice } }: Client, fate: Fate): Course => {
  const soon = 1 + dice.next() * 20 + index.slowness
  switch (fate) {
    case "late":
      return { arrives: soon + dice.int(0, 4_000), answered: soon + dice.int(4_000, 9_000), answer: null }
    case "requestLost":
      return { arrives: null, answered: clientTimeout, answer: transient(null, true) }
    case "answerLost":
      return { arrives: soon, answered: clientTimeout, answer: transient(null, true) }
    case "landsLate":
      return { arrives: clientTimeout + dice.int(0, 60_000), answered: clientTimeout, answer: transient(null, true) }
    case "error500":
      return { arrives: dice.chance(0.5) ? soon : null, answered: soon * 2, answer: transient(500, true) }
    case "tooMany":
      return { arrives: null, answered: soon * 2, answer: transient(429, false, dice.pick([1_000, 3_000])) }
    case "tooLarge":
      return { arrives: null, answered: soon * 2, answer: tooLarge }
    default:
      return { arrives: soon, answered: soon * 2, answer: null }
  }
}

const draw = (client: Client): Fate => {
  const { index, world } = client
  if (index.outage === "silence") return "requestLost"
  const isLate = world.latePuts > 0
  if (isLate) world.latePuts--
  const fate = isLate ? "landsLate" : world.dice.weighted(world.weather.send, "answered")
  if (!isMild(fate)) world.fault(faultNames[fate], nameOf(client))
  return fate
}

const arrive = (arrival: Arrival, fate: Fate): ReceiverAnswer => {
  const mood = fate === "refuses" || fate === "again" || fate === "againAfterPause" ? fate : "fair"
  const answer = receive(arrival, mood, fate === "slower")
  const { send, world } = arrival
  world.say(`${send.process} request ${send.id} arrives: ${answer._tag}, takes ${[...send.taken ?? []].join()}`)
  return answer
}

const sameKnown = (index: Index, known: Capabilities): boolean => known.scheme === index.scheme

/** What must hold of every request, whatever the weather. */
const checkRequest = (client: Client, { body, codec, contentBytes, count }: ReceiverRequest, known: Capabilities) => {
  const { index: { limits }, world } = client
  const violate = (what: string) => world.violate(`${nameOf(client)}: a request ${what}`)
  const content = uncompressed(codec, body)
  const items = content === undefined ? undefined : decode(content)
  if (client.closed) violate("is sent with a receiver that was closed")
  if (codec !== "none" && !limits.codecs.includes(codec)) violate(`is compressed with ${codec}`)
  if (!sameKnown(client.index, known)) violate(`knows the scheme "${known.scheme}", not "${client.index.scheme}"`)
  if (items === undefined || content === undefined) {
    violate("has a body that nobody can read")
    return { items: [], contentBytes: 0 }
  }
  if (items.length !== count) violate(`has ${items.length} records, said to be ${count}`)
  if (content.length !== contentBytes) violate(`has ${content.length} bytes, said to be ${contentBytes}`)
  if (count === 0) violate("is empty")
  if (content.length > limits.requestBytes || count > limits.requestRecords) violate("is larger than one may be")
  return { items, contentBytes: content.length }
}

const begin = (client: Client, items: Send["items"]): Send => {
  const { context: { destination, lane }, index, process, world } = client
  const { sends } = world.indexes
  const claim = world.claimOf.get(`${process.name}/${lane}`) ?? 0
  const send: Send = {
    id: sends.length + 1,
    process: process.name,
    claim,
    opened: client.opened,
    destination,
    lane,
    target: index.target,
    items,
    beganAt: world.timeline.now,
    taken: null,
    answer: null,
    answeredAt: Infinity,
    interruptedAt: Infinity
  }
  const own = world.indexes.underWay(destination).filter((other) => other.lane === lane && other.claim === claim)
  if (own.length > 0) world.coverage.hit("fault: several requests under way")
  if (own.length >= index.limits.inFlight) {
    world.violate(`${nameOf(client)} has ${own.length + 1} requests under way, allowed ${index.limits.inFlight}`)
  }
  sends.push(send)
  const offsets = items.map(({ offset }) => offset).join()
  world.say(`${nameOf(client)} request ${send.id} to ${index.target} begins: ${offsets}`)
  if (claim !== world.claims[lane]) world.fault("request by a zombie", process.name)
  return send
}

const send = (client: Client, request: ReceiverRequest, known: Capabilities): Effect.Effect<ReceiverAnswer> =>
  Effect.callback((resume) => {
    const { context: { destination, lane }, index, process, secret, world } = client
    const step = { process, name: "send", lane, destination }
    if (!process.alive) return
    const { contentBytes, items } = checkRequest(client, request, known)
    if (!world.step({ ...step, phase: "before" })) return
    const sent = begin(client, items)
    const fate = draw(client)
    const course = courseOf(client, fate)
    let said: ReceiverAnswer | undefined
    const cancelArrival = course.arrives === null ? () => {} : world.timeline.after(course.arrives, immortal, () => {
      said = arrive({ world, index, secret, send: sent, contentBytes }, fate)
      world.step({ ...step, phase: "after" })
    })
    const cancelAnswer = world.timeline.after(course.answered, process, () => {
      sent.answer = course.answer ?? said ?? transient(null, true)
      sent.answeredAt = world.timeline.now
      world.say(`${nameOf(client)} request ${sent.id} answered ${JSON.stringify(sent.answer)}`)
      resume(Effect.succeed(sent.answer))
    })
    return Effect.sync(() => {
      cancelAnswer()
      sent.interruptedAt = world.timeline.now
      if (said === undefined && world.dice.chance(0.5)) cancelArrival()
      world.fault("request interrupted", nameOf(client))
    })
  })

const found = ({ index, secret, world }: Client, kind: "look" | "sample"): ReceiverProbe => {
  if (index.refused.has(secret)) return { _tag: "Misconfigured", message: "answered 403", status: 403 }
  if (index.probeFails || index.outage === "error") return failed(503)
  if (index.refusesAll) {
    world.fault("probe works, records are refused", index.target)
  }
  const message = kind === "sample" ? "sample taken" : "healthy"
  return ReceiverProbe.cases.Usable.make({ capabilities: { scheme: index.scheme }, message })
}

const failed = (status: number | null): ReceiverProbe => ({
  _tag: "Transient",
  message: `probe answered ${status ?? "nothing"}`,
  status,
  retryAfterMillis: null,
  maybeStored: false
})

const probe = (client: Client, kind: "look" | "sample"): Effect.Effect<ReceiverProbe> =>
  Effect.callback((resume) => {
    const { context: { destination, lane }, index, process, world } = client
    if (!process.alive || !world.step({ process, name: "probe", phase: "before", lane, destination })) return
    const fate = index.outage === "silence" ? "lost" : world.dice.weighted(world.weather.inspect, "answered")
    if (fate !== "answered") world.fault(`probe ${fate}`, nameOf(client))
    if (index.probeFails) world.fault("probe fails", nameOf(client))
    const soon = 1 + world.dice.next() * 20 + index.slowness
    const wait = fate === "lost" ? clientTimeout : fate === "late" ? soon + world.dice.int(1_000, 8_000) : soon
    return Effect.sync(world.timeline.after(wait, process, () => {
      const answer = fate === "lost" ? failed(null) : fate === "error500" ? failed(500) : found(client, kind)
      world.say(`${nameOf(client)} probe ${kind} ${answer._tag}`)
      resume(Effect.succeed(answer))
    }))
  })

const receiverOf = (client: Client): Receiver => {
  const { context: { destination, lane }, index, world } = client
  return {
    limits: index.limits,
    encode: (records, into, now) => {
      if (into.length < index.limits.requestBytes) world.violate(`${nameOf(client)} encodes into ${into.length} bytes`)
      const encoded = encode(index, records, { into, now })
      for (const { index: at, reason } of encoded.refused) {
        world.indexes.refusals.push({ destination, lane, offset: records.offsets[at] ?? -1, words: reason })
        world.fault(
          reason.startsWith("encoder: older") ? "record too old for a receiver" : "record too large for a receiver"
        )
      }
      return encoded
    },
    send: (request, known) => send(client, request, known),
    probe: (kind) => probe(client, kind)
  }
}

export const simReceivers = (world: World, process: Process): Receivers["Service"] =>
  Receivers.of({
    open: (config, secret, context) =>
      Effect.suspend(() => {
        if (config.url === refusedUrl) {
          return Effect.fail(new InvalidDestination({ field: "url", reason: "the address is not allowed" }))
        }
        const client: Client = {
          world,
          process,
          index: world.indexes.at(targetOf(config)),
          secret: Redacted.value(secret),
          context,
          opened: ++world.indexes.opened,
          closed: false
        }
        return Effect.acquireRelease(
          Effect.succeed(receiverOf(client)),
          () => Effect.sync(() => void (client.closed = true))
        )
      })
  })
