/**
 * The proof on Kafka of "a `kill -9` at any moment loses nothing and doubles nothing": control, ingest and delivery as
 * processes of their own, a real broker, a real S3 server behind a proxy; kills by lot, a worker that comes and goes,
 * the broker and the store restarted. Then everything settles, and the checker compares.
 */
import { LogKafka } from "@tailrace/log-kafka"
import { Effect, Fiber, Layer, Queue } from "effect"
import { temporaryFolder } from "../app/Tailrace.ts"
import { judge } from "../checker/check.ts"
import { readKafka } from "../checker/KafkaRecords.ts"
import type { CheckedDestination } from "../checker/LedgerStory.ts"
import { readObjects } from "../checker/StoredObjects.ts"
import type { KafkaSite } from "../kafka/KafkaSite.ts"
import { checkBook } from "../kill/bookCheck.ts"
import { fateBy } from "../kill/faults.ts"
import { drawLots } from "../kill/lots.ts"
import { type Attempt, produce } from "../kill/Producer.ts"
import { settled, setUp, tailnet } from "../kill/Site.ts"
import { type HttpProxy, httpProxy, type Seen } from "../proxy/HttpProxy.ts"
import { S3Site } from "../s3/S3Site.ts"
import { watchClaims } from "./ClaimWatch.ts"
import { lanes, makeFleet } from "./fleetSettings.ts"
import { produceForeign } from "./ForeignProducer.ts"
import { misfortunes } from "./misfortunes.ts"
import { close, occupy, type Seat } from "./Seat.ts"
import { allServed, rage, type Storm } from "./storm.ts"
import type { Span } from "./takeover.ts"

export interface FleetOptions {
  readonly seed: number
  /** Records through HEC and NDJSON. */
  readonly posted: number
  /** Records by somebody else's client. */
  readonly foreign: number
  readonly seconds: number
  /** Of all kinds, and of those of workers, at least so many. */
  readonly kills: number
  readonly workerKills: number
}

interface Course {
  readonly options: FleetOptions
  readonly kafka: KafkaSite
  /** Of the topics. */
  readonly prefix: string
  readonly proxy: HttpProxy
  readonly storm: Storm
  readonly book: Array<Attempt>
  readonly brokerDown: Array<Span>
}

const recordsPerRequest = 100

const prepare = Effect.fnUntraced(function*(options: FleetOptions, kafka: KafkaSite) {
  const { port } = yield* S3Site
  const prefix = kafka.freshPrefix()
  const proxy = yield* httpProxy(port)
  const place = { kafka, prefix, folder: yield* temporaryFolder }
  const storm: Storm = {
    fleet: yield* makeFleet(place),
    claims: [],
    workerKills: [],
    freezes: [],
    otherKills: [],
    proxy,
    held: yield* Queue.unbounded<Seen>(),
    lots: drawLots(options.seed)
  }
  const course: Course = { options, kafka, prefix, proxy, storm, book: [], brokerDown: [] }
  return course
})

const served = Effect.fnUntraced(function*({ life }: Seat) {
  if (life !== undefined) yield* Fiber.join(life.serving)
})

const watch = ({ kafka, prefix, storm }: Course) =>
  Effect.flatMap(
    Layer.build(LogKafka.layer({ brokers: kafka.brokers, prefix, lanes, patienceMillis: 30_000 })),
    (context) => Effect.provideContext(watchClaims(storm.claims), context)
  )

/** From both sides at once; ends when everything is acknowledged. */
const produceAll = ({ book, kafka: { kafka }, options, prefix, storm }: Course, token: string) => {
  const { foreign, posted, seconds } = options
  const urls = storm.fleet.ingests.map(({ url }) => url)
  const pace = { seconds, recordsPerRequest }
  return Effect.all([
    produce({ ...pace, urls, token, requests: posted / recordsPerRequest }, book),
    produceForeign({ ...pace, kafka, prefix, tailnet, requests: foreign / recordsPerRequest }, book)
  ], { concurrency: "unbounded", discard: true })
}

/** From the first destination to the last record delivered. */
const play = Effect.fnUntraced(function*(course: Course, seats: ReadonlyArray<Seat>) {
  const { proxy, storm } = course
  const { fleet: { control }, held, lots } = storm
  yield* Effect.forEach(seats, served)
  const { destinations, token } = yield* setUp(control.url, proxy.url, lanes)
  yield* watch(course)
  yield* allServed(storm)
  proxy.fate = fateBy(lots)
  proxy.onHeld = (request) => void Queue.offerUnsafe(held, request)
  const produced = yield* Effect.forkScoped(produceAll(course, token))
  const others = yield* Effect.forkScoped(misfortunes(course))
  yield* rage(storm, course.options, () => produced.pollUnsafe() === undefined)
  yield* Effect.all([Fiber.join(produced), Fiber.join(others)])
  yield* Effect.forEach(seats, served)
  yield* allServed(storm)
  yield* settled(control.url, destinations)
  return destinations
})

/** Everything after the last process: what lies in the bucket and in the topics. */
const compare = Effect.fnUntraced(
  function*({ book, kafka: { kafka }, prefix }: Course, destinations: ReadonlyArray<CheckedDestination>) {
    const { bucket } = yield* S3Site
    const topics = ["audit", "flow", "ledger"].map((name) => `${prefix}.${name}`)
    const [audit = [], flow = [], ledger = []] = yield* readKafka(kafka, topics, lanes)
    const findings = yield* judge({ audit, flow, ledger, objects: yield* readObjects(bucket) }, destinations)
    return { ...findings, complaints: [...checkBook(book, [...flow, ...audit]), ...findings.complaints] }
  }
)

/** Runs it all; answers what the checker found and what was counted. */
export const runFleet = Effect.fn("runFleet")(function*(options: FleetOptions, kafka: KafkaSite) {
  const course = yield* prepare(options, kafka)
  const { control, ingests, workers } = course.storm.fleet
  const seats = [control, ...ingests, ...workers]
  const lives = yield* Effect.forEach(seats, (seat) => Effect.forkScoped(occupy(seat), { startImmediately: true }))
  const untilClosed = Effect.forEach(lives, Fiber.join, { concurrency: "unbounded", discard: true })
  const destinations = yield* Effect.raceFirst(play(course, seats), Effect.andThen(untilClosed, Effect.never))
  seats.forEach(close)
  yield* untilClosed
  return { ...course, findings: yield* compare(course, destinations) }
})
