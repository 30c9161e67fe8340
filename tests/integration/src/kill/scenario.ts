/**
 * The proof of "a `kill -9` at any moment loses nothing and doubles nothing": the real process, a real S3 server behind
 * a proxy, records at a pace, kills by lot; then everything settles and the checker compares.
 */
import { LogSqlite } from "@tailrace/log-sqlite"
import { Effect, Fiber, Queue } from "effect"
import path from "node:path"
import { temporaryFolder } from "../app/Tailrace.ts"
import { gather, judge } from "../checker/check.ts"
import type { CheckedDestination } from "../checker/LedgerStory.ts"
import { type Fate, httpProxy, isUpload, type Seen } from "../proxy/HttpProxy.ts"
import { S3Site } from "../s3/S3Site.ts"
import { checkBook } from "./bookCheck.ts"
import { type Figures, type KillerOptions, liveAndDie, noFigures, orderlyLife } from "./Killer.ts"
import { drawLots, type Lots } from "./lots.ts"
import { type Attempt, produce } from "./Producer.ts"
import { freePort, lanes, settingsOf, settled, setUp } from "./Site.ts"

export interface ScenarioOptions {
  readonly seed: number
  readonly records: number
  readonly seconds: number
  readonly kills: number
  /** At least so many of the kills between a seal and its delivery. */
  readonly amidSeal: number
}

const recordsPerRequest = 100

/** One in ten PUT answers is late by 1 to 3 seconds, nearly as many are lost. */
const fateBy = (lots: Lots) => (request: Seen): Fate => {
  if (!isUpload(request)) return { _tag: "Pass" }
  if (lots.percent(10)) return { _tag: "Hold", millis: lots.between(1_000, 3_000) }
  return lots.percent(8) ? { _tag: "Cut" } : { _tag: "Pass" }
}

/** The store is away twice, for some seconds each time. */
const outages = Effect.fnUntraced(function*(seconds: number, lots: Lots) {
  const { start, stop } = yield* S3Site
  for (let outage = 0; outage < 2; outage++) {
    yield* Effect.sleep(seconds * 1_000 / 3)
    yield* stop
    yield* Effect.sleep(lots.between(2_000, 6_000))
    yield* start
  }
})

/** Everything after the last life: what lies in the bucket and in the log. */
const compare = Effect.fnUntraced(
  function*(book: ReadonlyArray<Attempt>, destinations: ReadonlyArray<CheckedDestination>) {
    const { bucket } = yield* S3Site
    const evidence = yield* gather(bucket)
    const findings = yield* judge(evidence, destinations)
    const taken = checkBook(book, [...evidence.flow, ...evidence.audit])
    return { ...findings, complaints: [...taken, ...findings.complaints] }
  }
)

/** Kills as long as records come, and until there were enough. */
const storm = Effect.fnUntraced(
  function*(kills: number, killer: KillerOptions, produced: Fiber.Fiber<void, unknown>) {
    const isProducing = () => produced.pollUnsafe() === undefined
    while (isProducing() || killer.figures.kills < kills) yield* liveAndDie(killer)
  }
)

/** Runs it all; answers what the checker found and what was counted. */
export const runScenario = Effect.fn("runScenario")(function*(options: ScenarioOptions) {
  const data = path.join(yield* temporaryFolder, "data")
  const site = yield* S3Site
  const proxy = yield* httpProxy(site.port)
  const held = yield* Queue.unbounded<Seen>()
  const settings = settingsOf(data, yield* freePort)
  const url = `http://${settings["TAILRACE_LISTEN"]}`
  const figures: Figures = noFigures()
  const book: Array<Attempt> = []
  const lots = drawLots(options.seed)

  const { destinations, token } = yield* orderlyLife(settings, figures, setUp(url, proxy.url))
  proxy.fate = fateBy(lots)
  proxy.onHeld = (request) => void Queue.offerUnsafe(held, request)
  const producer = { url, token, recordsPerRequest, requests: options.records / recordsPerRequest }
  const produced = yield* Effect.forkScoped(produce({ ...producer, seconds: options.seconds }, book))
  const away = yield* Effect.forkScoped(outages(options.seconds, drawLots(options.seed + 1)))
  yield* storm(options.kills, { settings, proxy, held, lots, figures }, produced)

  yield* orderlyLife(
    settings,
    figures,
    Effect.all([Fiber.join(produced), Fiber.join(away)]).pipe(Effect.andThen(settled(url, destinations)))
  )
  const log = LogSqlite.layer({ directory: path.join(data, "log"), lanes })
  const findings = yield* compare(book, destinations).pipe(Effect.provide(log))
  return { findings, figures, attempts: book, answers: proxy.counts }
})
