/** The object-store port over simulated buckets. A request may land long after its sender has given up, or died. */
import { InvalidDestination, type ObjectStore, ObjectStores, type ObjectToPut } from "@tailrace/destinations"
import { Answer, type DestinationConfig, Inspection } from "@tailrace/domain"
import { Effect, Redacted } from "effect"
import type { Process } from "../engine/Process.ts"
import { immortal } from "../engine/Timeline.ts"
import { type Bucket, sealOf, store } from "./Buckets.ts"
import type { World } from "./World.ts"

interface Client {
  readonly world: World
  readonly process: Process
  readonly bucket: Bucket
  readonly secret: string
}

const transient = (status: number | null, maybeStored: boolean, retryAfterMillis: number | null = null): Answer =>
  Answer.cases.Transient.make({ message: `answered ${status ?? "nothing"}`, status, retryAfterMillis, maybeStored })

const misconfigured = (status: number): Answer =>
  Answer.cases.Misconfigured.make({ message: `answered ${status}`, status })

/** Answers that say that nothing was stored, whatever the object. */
const refusal = ({ bucket, secret, world }: Client): Answer | undefined => {
  if (bucket.refused.has(secret)) {
    world.fault("403")
    return misconfigured(403)
  }
  if (!bucket.exists) {
    world.fault("404, bucket gone")
    return misconfigured(404)
  }
  return bucket.outage === "error" ? transient(503, false) : undefined
}

const noteTaken = ({ world }: Client, object: ObjectToPut, holder: string | undefined): void => {
  const own = holder !== undefined && holder === object.metadata["seal"]
  world.fault(own ? "412 for our own object" : "412 for another's object", object.key)
}

/** The request takes effect, or is refused. */
const land = (client: Client, object: ObjectToPut): Answer => {
  const { bucket, process, world } = client
  const refused = refusal(client)
  if (refused !== undefined) return refused
  const holder = bucket.objects.get(object.key)
  const seal = sealOf(object)
  if (holder !== undefined && object.onlyIfAbsent && bucket.conditional) {
    noteTaken(client, object, holder.metadata["seal"])
    return Answer.cases.Taken.make({})
  }
  if (object.onlyIfAbsent && !bucket.conditional) world.fault("conditional PUT ignored")
  if (seal !== undefined && world.history.abandoned.has(seal)) world.fault("PUT landed after abandonment", object.key)
  store(bucket, object, { at: world.timeline.now, by: process.name, foreign: false })
  world.say(`stored ${bucket.target} ${object.key} seal ${seal ?? "-"} ${object.body.length} bytes`)
  world.step({ process, name: "put", phase: "after", ...world.history.sealOwner.get(seal ?? "") })
  return Answer.cases.Delivered.make({})
}

/** Somebody else was a moment faster under the same key. */
const putForeign = ({ bucket, world }: Client, object: ObjectToPut): void => {
  const inspectable = bucket.conditional && bucket.metadata && bucket.head === "allowed" && bucket.exists
  const seal = sealOf(object)
  // A key that carries the seal's id is nobody else's.
  if (!inspectable || seal === undefined || object.key.includes(seal) || bucket.objects.has(object.key)) return
  world.fault("foreign object under our key", object.key)
  store(bucket, { key: object.key, body: new Uint8Array(3), metadata: {} }, {
    at: world.timeline.now,
    by: "somebody else",
    foreign: true
  })
}

type Fate = keyof World["weather"]["put"] | "answered"

const refusedFates = {
  slowDown: () => transient(503, false),
  tooMany: () => transient(429, false, 2_000),
  conflict: () => transient(409, false)
} as const

const names = {
  late: "PUT answered late",
  requestLost: "PUT request lost",
  answerLost: "PUT answer lost after storing",
  landsLate: "PUT lands late",
  error500: "500",
  slowDown: "SlowDown",
  tooMany: "429 with Retry-After",
  conflict: "409",
  foreign: "foreign object"
} as const

/** How long a client waits for an answer, in milliseconds. */
const clientTimeout = 10_000

/** When the request lands (null: never), when the client is answered, and with what (null: with what landing gives). */
interface Course {
  readonly lands: number | null
  readonly answered: number
  readonly answer: Answer | null
}

const courseOf = (client: Client, fate: Fate): Course => {
  const { dice } = client.world
  const soon = 1 + dice.next() * 20 + client.bucket.slowness
  switch (fate) {
    case "answered":
    case "foreign":
      return { lands: soon, answered: soon * 2, answer: null }
    case "late":
      return { lands: soon + dice.int(0, 4_000), answered: soon + dice.int(4_000, 9_000), answer: null }
    case "requestLost":
      return { lands: null, answered: clientTimeout, answer: transient(null, true) }
    case "answerLost":
      return { lands: soon, answered: clientTimeout, answer: transient(null, true) }
    case "landsLate":
      return { lands: clientTimeout + dice.int(0, 180_000), answered: clientTimeout, answer: transient(null, true) }
    case "error500":
      return { lands: dice.chance(0.4) ? soon : null, answered: soon * 2, answer: transient(500, true) }
    default:
      return { lands: null, answered: soon * 2, answer: refusedFates[fate]() }
  }
}

const draw = (client: Client, key: string): Fate => {
  const { bucket, process, world } = client
  if (bucket.outage === "silence") return "requestLost"
  const isLate = world.latePuts > 0 && !key.includes(".tailrace-")
  if (isLate) world.latePuts--
  const fate = isLate ? "landsLate" : world.dice.weighted(world.weather.put, "answered")
  if (fate !== "answered" && fate !== "foreign") world.fault(names[fate], `${process.name} ${key}`)
  return fate
}

const put = (client: Client, object: ObjectToPut): Effect.Effect<Answer> =>
  Effect.callback((resume) => {
    const { process, world } = client
    const { timeline } = world
    const owner = world.history.sealOwner.get(sealOf(object) ?? "")
    if (!process.alive || !world.step({ process, name: "put", phase: "before", ...owner })) return
    const seal = sealOf(object)
    if (seal !== undefined && owner === undefined) world.violate(`${process.name} sends seal ${seal}, not committed`)
    if (owner !== undefined && world.claimers[owner.lane] !== process.name) world.fault("PUT by a zombie", process.name)
    const sent = { ...object, body: object.body.slice() }
    const fate = draw(client, object.key)
    const course = courseOf(client, fate)
    let landed: Answer | undefined
    const cancelLanding = course.lands === null ? () => {} : timeline.after(course.lands, immortal, () => {
      if (fate === "foreign") putForeign(client, sent)
      landed = land(client, sent)
      world.say(`${process.name} put ${sent.key} ${landed._tag}`)
    })
    const give = () => resume(Effect.succeed(course.answer ?? landed ?? transient(null, true)))
    const cancelAnswer = timeline.after(course.answered, process, give)
    return Effect.sync(() => {
      cancelAnswer()
      if (landed === undefined && world.dice.chance(0.5)) cancelLanding()
      world.fault("PUT interrupted", `${process.name} ${object.key}`)
    })
  })

const look = (client: Client, key: string): Inspection => {
  const { bucket, secret, world } = client
  if (bucket.refused.has(secret) || bucket.head === "forbidden") {
    world.fault("HEAD forbidden")
    return Inspection.cases.Forbidden.make({ message: "answered 403" })
  }
  if (bucket.outage === "error") return inspectFailed(503)
  const found = bucket.exists ? bucket.objects.get(key) : undefined
  if (found === undefined) return Inspection.cases.Missing.make({})
  if (!bucket.metadata) world.fault("metadata not shown")
  return Inspection.cases.Found.make({ seal: bucket.metadata ? found.metadata["seal"] ?? null : null })
}

const inspectFailed = (status: number | null): Inspection =>
  Inspection.cases.Failed.make({ message: `answered ${status ?? "nothing"}`, status, retryAfterMillis: null })

const drawInspect = (world: World) => world.dice.weighted(world.weather.inspect, "answered")

const inspect = (client: Client, key: string): Effect.Effect<Inspection> =>
  Effect.callback((resume) => {
    const { bucket, process, world } = client
    if (!process.alive || !world.step({ process, name: "inspect", phase: "before" })) return
    const fate = bucket.outage === "silence" ? "lost" : drawInspect(world)
    if (fate !== "answered") world.fault(`HEAD ${fate}`, key)
    const answerIn = (millis: number, answer: () => Inspection) =>
      world.timeline.after(millis, process, () => {
        const given = answer()
        world.say(`${process.name} inspect ${key} ${given._tag}`)
        resume(Effect.succeed(given))
      })
    const soon = 1 + world.dice.next() * 20 + bucket.slowness
    const cancel = fate === "lost"
      ? answerIn(clientTimeout, () => inspectFailed(null))
      : fate === "error500"
      ? answerIn(soon, () => inspectFailed(500))
      : answerIn(fate === "late" ? soon + world.dice.int(1_000, 8_000) : soon, () => look(client, key))
    return Effect.sync(cancel)
  })

/** What makes two configurations mean the same objects in this world. */
export const targetOf = (config: DestinationConfig): string =>
  "bucket" in config ? `${config.url}/${config.bucket}` : config.url

/** An endpoint that no store can be opened for. */
export const refusedUrl = "https://refused.example"

export const simStores = (world: World, process: Process): ObjectStores["Service"] =>
  ObjectStores.of({
    target: targetOf,
    open: (config, secret) =>
      Effect.suspend(() => {
        if (config.url === refusedUrl) {
          return Effect.fail(new InvalidDestination({ field: "url", reason: "the address is not allowed" }))
        }
        const client = { world, process, bucket: world.buckets.at(targetOf(config)), secret: Redacted.value(secret) }
        const opened: ObjectStore = {
          put: (object) => put(client, object),
          inspect: (key) => inspect(client, key)
        }
        return Effect.succeed(opened)
      })
  })
