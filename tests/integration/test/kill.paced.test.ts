// 200,000 records at a pace while the process is killed: each is in exactly one object. Takes minutes; must run alone.
import { assert, describe, it } from "@effect/vitest"
import { Config, Console, Effect, Layer, Random } from "effect"
import { FetchHttpClient } from "effect/http"
import { shown } from "../src/checker/Complaint.ts"
import { oursApart } from "../src/kill/S3ServerApart.ts"
import { runScenario, type ScenarioOptions } from "../src/kill/scenario.ts"
import { memoryBytes } from "../src/kill/Site.ts"
import { type S3ServerKind, versitygw } from "../src/s3/S3ServerKind.ts"
import { S3Site } from "../src/s3/S3Site.ts"
import { lacks, naming } from "../src/tool.ts"

type Size = Omit<ScenarioOptions, "seed">
type Outcome = Effect.Success<ReturnType<typeof runScenario>>

const whole: Size = { records: 200_000, seconds: 120, kills: 20, amidSeal: 5 }
const third: Size = { records: 66_000, seconds: 60, kills: 6, amidSeal: 2 }

const median = (numbers: ReadonlyArray<number>) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0

const claimsAmidSeal = ({ findings }: Outcome): number =>
  findings.story.claims.filter(({ isAmidSeal }) => isAmidSeal).length

const figuresOf = (seed: number, outcome: Outcome) => {
  const { answers, attempts, figures, findings } = outcome
  return JSON.stringify({
    seed,
    kills: figures.kills,
    amidSeal: claimsAmidSeal(outcome),
    beforeServing: figures.beforeServing,
    recordsOverDestinations: findings.records,
    objects: findings.objects,
    seals: findings.seals,
    attempts: attempts.length,
    failedAttempts: attempts.filter(({ acknowledged }) => !acknowledged).length,
    answers,
    restartMillis: { median: median(figures.restartMillis), most: Math.max(...figures.restartMillis) },
    highestResidentMB: Math.round(figures.highestResident / 1e6)
  })
}

const verify = (size: Size, outcome: Outcome) => {
  const { attempts, figures, findings } = outcome
  assert.strictEqual(shown(findings.complaints), "")
  const acknowledged = attempts.filter((attempt) => attempt.acknowledged)
  assert.strictEqual(acknowledged.reduce((sum, { audit, flow }) => sum + audit + flow, 0), size.records)
  assert.isAtLeast(findings.records, size.records)
  assert.isAtLeast(figures.kills, size.kills)
  assert.isAtLeast(claimsAmidSeal(outcome), size.amidSeal)
  assert.isBelow(figures.highestResident, memoryBytes)
}

const proof = (kind: S3ServerKind, size: Size) =>
  describe.skipIf(lacks(...kind.needs))(naming(`kill -9, with ${kind.name}`, ...kind.needs), () => {
    it.live(`${size.records} records in ${size.seconds} seconds, ${size.kills} kills`, () =>
      Effect.gen(function*() {
        const seed = yield* Config.Int("TAILRACE_SEED").pipe(
          Config.withDefault(yield* Random.nextIntBetween(1, 1_000_000))
        )
        yield* Console.log(`seed ${seed} (again: TAILRACE_SEED=${seed})`)
        const outcome = yield* runScenario({ ...size, seed })
        yield* Console.log(figuresOf(seed, outcome))
        verify(size, outcome)
      }).pipe(Effect.scoped, Effect.provide(Layer.merge(S3Site.layer(kind), FetchHttpClient.layer))), 900_000)
  })

proof(versitygw, whole)
proof(oursApart, third)
