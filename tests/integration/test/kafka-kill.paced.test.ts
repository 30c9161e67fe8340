// 300,000 records at a pace on Kafka while processes of every kind are killed: each is in exactly one object. Takes
// minutes; must run alone.
import { assert, describe, it } from "@effect/vitest"
import { Config, Console, Effect, Layer, Random } from "effect"
import { FetchHttpClient } from "effect/http"
import { shown } from "../src/checker/Complaint.ts"
import { type FleetOptions, runFleet } from "../src/fleet/fleetScenario.ts"
import { amidSeal, gapsOf } from "../src/fleet/takeover.ts"
import { useKafka } from "../src/kafka/KafkaSite.ts"
import { memoryBytes } from "../src/kill/Site.ts"
import { versitygw } from "../src/s3/S3ServerKind.ts"
import { S3Site } from "../src/s3/S3Site.ts"
import { java, lacks, maven, naming } from "../src/tool.ts"

type Outcome = Effect.Success<ReturnType<typeof runFleet>>

const size: Omit<FleetOptions, "seed"> = { posted: 270_000, foreign: 30_000, seconds: 180, kills: 20, workerKills: 8 }
const least = { amidSeal: 5 }
const mostGapMillis = 15_000

const median = (numbers: ReadonlyArray<number>) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0
const spread = (numbers: ReadonlyArray<number>) => ({ median: median(numbers), most: Math.max(0, ...numbers) })

const summaryOf = (seed: number, { book, brokerDown, findings, proxy, storm }: Outcome) => {
  const { claims, fleet, freezes, otherKills, workerKills } = storm
  const seats = [fleet.control, ...fleet.ingests, ...fleet.workers, fleet.guest]
  const gaps = gapsOf({ losses: [...workerKills, ...freezes], claims, brokerDown })
  const killsOf = (app: string) => otherKills.filter((kill) => kill.app === app).length
  return {
    seed,
    kills: { delivery: workerKills.length, ingest: killsOf("ingest"), control: killsOf("control") },
    freezes: freezes.length,
    amidSeal: amidSeal(workerKills, findings.story.claims).length,
    beforeServing: [...workerKills, ...otherKills].filter(({ wasServing }) => !wasServing).length,
    claims: findings.story.claims.length,
    takeoverMillis: spread(gaps.map(({ millis }) => millis)),
    worstTakeover: gaps.reduce((worst, gap) => gap.millis > worst.millis ? gap : worst),
    brokerDownMillis: brokerDown.map(([from, to]) => to - from),
    recordsOverDestinations: findings.records,
    objects: findings.objects,
    seals: findings.seals,
    attempts: book.length,
    failedAttempts: book.filter(({ acknowledged }) => !acknowledged).length,
    answers: proxy.counts,
    restartMillis: spread(seats.flatMap(({ vitals }) => vitals.restartMillis)),
    highestResidentMB: Object.fromEntries(["control", "ingest", "delivery"].map((app) => {
      const highest = seats.filter((seat) => seat.app === app).map(({ vitals }) => vitals.highestResident)
      return [app, Math.round(Math.max(...highest) / 1e6)]
    }))
  }
}

const verify = (summary: ReturnType<typeof summaryOf>, { book, findings }: Outcome) => {
  assert.strictEqual(shown(findings.complaints), "")
  const acknowledged = book.filter((attempt) => attempt.acknowledged)
  assert.strictEqual(acknowledged.reduce((sum, { audit, flow }) => sum + audit + flow, 0), size.posted + size.foreign)
  assert.isAtLeast(summary.kills.delivery, size.workerKills)
  assert.isAtLeast(summary.kills.delivery + summary.kills.ingest + summary.kills.control, size.kills)
  assert.isAtLeast(summary.amidSeal, least.amidSeal)
  assert.isAtMost(summary.takeoverMillis.most, mostGapMillis)
  for (const megabytes of Object.values(summary.highestResidentMB)) assert.isBelow(megabytes * 1e6, memoryBytes)
}

const tools = [java, maven, ...versitygw.needs]

describe.skipIf(lacks(...tools))(naming("kill -9 on Kafka", ...tools), () => {
  const site = useKafka()

  it.live("300,000 records in 180 seconds, any process killed at any moment", () =>
    Effect.gen(function*() {
      const seed = yield* Config.Int("TAILRACE_SEED").pipe(
        Config.withDefault(yield* Random.nextIntBetween(1, 1_000_000))
      )
      yield* Console.log(`seed ${seed} (again: TAILRACE_SEED=${seed})`)
      const outcome = yield* runFleet({ ...size, seed }, site())
      const summary = summaryOf(seed, outcome)
      yield* Console.log(JSON.stringify(summary))
      verify(summary, outcome)
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(S3Site.layer(versitygw), FetchHttpClient.layer))), 600_000)
})
