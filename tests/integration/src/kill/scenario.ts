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
import { httpProxy, type Seen } from "../proxy/HttpProxy.ts"
import { S3Site } from "../s3/S3Site.ts"
import { checkBook } from "./bookCheck.ts"
import { fateBy, outages } from "./faults.ts"
import { type Figures, type KillerOptions, liveAndDie, noFigures } from "./Killer.ts"
import { orderlyLife } from "./Life.ts"
import { drawLots } from "./lots.ts"
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
  const mortal = { file: "apps/tailrace/src/main.ts", settings, vitals: figures }
  const book: Array<Attempt> = []
  const lots = drawLots(options.seed)

  const { destinations, token } = yield* orderlyLife(mortal, setUp(url, proxy.url, lanes))
  proxy.fate = fateBy(lots)
  proxy.onHeld = (request) => void Queue.offerUnsafe(held, request)
  const producer = { urls: [url], token, recordsPerRequest, requests: options.records / recordsPerRequest }
  const produced = yield* Effect.forkScoped(produce({ ...producer, seconds: options.seconds }, book))
  const away = yield* Effect.forkScoped(outages(options.seconds, drawLots(options.seed + 1)))
  yield* storm(options.kills, { mortal, proxy, held, lots, figures }, produced)

  yield* orderlyLife(
    mortal,
    Effect.all([Fiber.join(produced), Fiber.join(away)]).pipe(Effect.andThen(settled(url, destinations)))
  )
  const log = LogSqlite.layer({ directory: path.join(data, "log"), lanes })
  const findings = yield* compare(book, destinations).pipe(Effect.provide(log))
  return { findings, figures, attempts: book, answers: proxy.counts }
})
