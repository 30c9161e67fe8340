// A huge tailnet and two thousand small ones on one worker: everybody's records come in time. About time: must run
// alone; takes three minutes.
import { assert, describe, it } from "@effect/vitest"
import { ControlLog, Secrets } from "@tailrace/event-store"
import { LogKafka } from "@tailrace/log-kafka"
import { Clock, Console, Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { clusterSettings, startApp } from "../src/app/Apps.ts"
import { temporaryFolder } from "../src/app/Tailrace.ts"
import { eventually } from "../src/eventually.ts"
import { type KafkaSite, useKafka } from "../src/kafka/KafkaSite.ts"
import { highestResident } from "../src/kill/ResidentMemory.ts"
import { memoryBytes } from "../src/kill/Site.ts"
import { versitygw } from "../src/s3/S3ServerKind.ts"
import { S3Site } from "../src/s3/S3Site.ts"
import { java, lacks, maven, naming } from "../src/tool.ts"
import { type LaneAppends, readAppends } from "../src/volume/appendTimes.ts"
import { type Delays, delaysOf, quantile } from "../src/volume/delays.ts"
import { type Deliveries, watchDeliveries } from "../src/volume/deliveries.ts"
import { countStored, type StoredRecords } from "../src/volume/storedRecords.ts"
import { hugeTailnet, makeTailnets, type Volume } from "../src/volume/tailnets.ts"
import { type Produced, produceVolume } from "../src/volume/VolumeProducer.ts"

const volume: Volume = {
  lanes: 4,
  seconds: 60,
  huge: { recordsPerMinute: 1_000_000, periodSeconds: 5 },
  small: { tailnets: 2_000, recordsPerMinute: 10, periodSeconds: 60 }
}
/** What the issue allows behind the period. */
const patienceMillis = 5_000

const masterKey = "0a".repeat(32)
/** As `npm run delivery` and the packed app start Node: without it, the garbage of many uploads is collected late. */
const smallNursery = "--max-semi-space-size=4"

const logOn = ({ brokers }: KafkaSite, prefix: string) =>
  LogKafka.layer({ brokers, prefix, lanes: volume.lanes, patienceMillis: 30_000 })

const controlOn = (kafka: KafkaSite, prefix: string) =>
  Layer.merge(ControlLog.layer, Secrets.layer({ masterKey: Redacted.make(Buffer.from(masterKey, "hex")) })).pipe(
    Layer.provideMerge(logOn(kafka, prefix))
  )

const startWorker = Effect.fnUntraced(function*(kafka: KafkaSite, prefix: string, deliveries: Deliveries) {
  const { program } = yield* startApp("delivery", {
    ...clusterSettings(kafka, prefix),
    TAILRACE_LANES: `${volume.lanes}`,
    TAILRACE_MASTER_KEY: masterKey,
    NODE_OPTIONS: smallNursery,
    TAILRACE_DATA: yield* temporaryFolder,
    TAILRACE_MEMORY: `${memoryBytes / 1_000_000} MB`
  })
  const claimed = Effect.sync(() => deliveries.claimed.size)
  yield* eventually(claimed, { what: "an owner of each lane", seconds: 60, holds: (lanes) => lanes === volume.lanes })
  return program
})

/** Until everything is delivered. */
const course = Effect.fnUntraced(function*(kafka: KafkaSite) {
  const prefix = kafka.freshPrefix()
  const { bucket, url } = yield* S3Site
  const began = yield* Clock.currentTimeMillis
  return yield* Effect.gen(function*() {
    const deliveries = yield* watchDeliveries
    const receivers = yield* makeTailnets(volume, url)
    const worker = yield* startWorker(kafka, prefix, deliveries)
    const ready = yield* Clock.currentTimeMillis
    const totals = yield* produceVolume(kafka.kafka, `${prefix}.flow`, volume)
    const produced = yield* Clock.currentTimeMillis
    const total = totals.huge + totals.small
    const delivered = Effect.sync(() => deliveries.records)
    yield* eventually(delivered, { what: `${total} records`, seconds: 180, holds: (records) => records >= total })
    const appends = yield* readAppends
    const delays = delaysOf(deliveries.all, appends, receivers)
    const highest = yield* highestResident(worker.pid)
    const stored = yield* countStored(bucket, totals)
    const seconds = { ready: (ready - began) / 1_000, produced: (produced - ready) / 1_000 }
    return { deliveries, receivers, totals, appends, delays, stored, highest, seconds }
  }).pipe(Effect.provide(controlOn(kafka, prefix)))
})

type Outcome = Effect.Success<ReturnType<typeof course>>

const spreadOf = (all: Delays["all"]) => ({
  median: quantile(all, 0.5),
  p99: quantile(all, 0.99),
  most: quantile(all, 1)
})

const summaryOf = ({ delays: { all }, highest, receivers: [huge], seconds, stored, totals }: Outcome) => ({
  records: totals,
  objects: stored.objects,
  beyondPeriodMillis: {
    huge: spreadOf(all.filter(({ destination }) => destination === huge?.id)),
    small: spreadOf(all.filter(({ destination }) => destination !== huge?.id)),
    mostByLane: Array.from(
      { length: volume.lanes },
      (_, lane) => quantile(all.filter((one) => one.lane === lane), 1)
    )
  },
  highestResidentMB: Math.round(highest / 1e6),
  seconds
})

const timesOtherThanOnce = (counts: Uint8Array) => counts.reduce((sum, times) => sum + (times === 1 ? 0 : 1), 0)

const checkStored = ({ foreign, huge, small }: StoredRecords) =>
  assert.deepStrictEqual({ huge: timesOtherThanOnce(huge), small: timesOtherThanOnce(small), foreign }, {
    huge: 0,
    small: 0,
    foreign: 0
  })

/** The producer's keys have spread the huge tailnet: each lane has at least half of its share. */
const checkSpread = (appends: ReadonlyArray<LaneAppends>, { huge }: Produced) => {
  for (const lane of appends) assert.isAtLeast(lane.get(hugeTailnet)?.times.length ?? 0, huge / volume.lanes / 2)
}

const tools = [java, maven, ...versitygw.needs]

describe.skipIf(lacks(...tools))(naming("volume", ...tools), () => {
  const site = useKafka()

  it.live(
    "a million records a minute of one tailnet and two thousand others: each record in time, in one object",
    () =>
      Effect.gen(function*() {
        const outcome = yield* course(site())
        const summary = summaryOf(outcome)
        yield* Console.log(JSON.stringify(summary))
        checkSpread(outcome.appends, outcome.totals)
        checkStored(outcome.stored)
        assert.deepStrictEqual(outcome.delays.miscounted, [])
        // What was not produced at this pace cannot show that it is delivered at it.
        assert.isAtMost(summary.seconds.produced, volume.seconds * 1.1, "the machine is too busy to produce so fast")
        assert.isAtMost(Math.max(...summary.beyondPeriodMillis.mostByLane), patienceMillis)
        assert.isBelow(outcome.highest, memoryBytes)
      }).pipe(Effect.scoped, Effect.provide(Layer.merge(S3Site.layer(versitygw), FetchHttpClient.layer))),
    600_000
  )
})
