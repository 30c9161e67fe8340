/** What one seed is: how many of what, which weather, and which harm is waiting. All of it is drawn at the start. */
import type { Codec, LogType } from "@tailrace/domain"
import type { Prng } from "../engine/Prng.ts"
import { drawTrigger, type Trigger } from "../world/Adversary.ts"
import { type BrokenTopic, drawBreak } from "../world/Breaks.ts"
import type { IndexPlan } from "../world/Indexes.ts"
import type { Poison } from "../world/Producers.ts"
import { type Act, acts } from "../world/Scene.ts"
import { calm, type Weather, weatherOf } from "../world/Weather.ts"
import { withReceivers } from "./receivers.ts"

export interface DestinationPlan {
  readonly tailnet: string
  readonly logType: LogType
  readonly bucket: string
  /** Name of the index that it sends to; null: it is a store. */
  readonly index: string | null
  readonly keyPrefix: string
  readonly codec: Codec
  readonly layout: "documented" | "live"
  readonly periodSeconds: number
  /** Simulation time of its creation, in milliseconds. */
  readonly at: number
}

export interface BucketPlan {
  readonly name: string
  readonly conditional: boolean
  readonly metadata: boolean
  readonly headless: boolean
}

export interface Scenario {
  readonly processes: number
  readonly tailnets: ReadonlyArray<string>
  readonly destinations: ReadonlyArray<DestinationPlan>
  readonly buckets: ReadonlyArray<BucketPlan>
  readonly indexes: ReadonlyArray<IndexPlan>
  /** Some destinations are receivers, and others may be replaced by some. */
  readonly hasReceivers: boolean
  readonly poison: Poison | null
  /** An index that takes nothing for a while, with much to send; null: none does. */
  readonly refusal: Refusal | null
  /** Appends, each with its time. */
  readonly appends: ReadonlyArray<
    { readonly at: number; readonly tailnet: string; readonly logType: LogType; readonly count: number }
  >
  /** Every record is well-formed and has `logged` and a known tailnet. */
  readonly plainRecords: boolean
  readonly weather: Weather
  readonly triggers: Array<Trigger>
  /** Acts at a time instead of at a port call. */
  readonly timed: ReadonlyArray<{ readonly at: number; readonly act: Act }>
  /** How long the faults last, in milliseconds. */
  readonly chaosMillis: number
  readonly markerOffsets: number
  readonly limits: SmallLimits
  /** Every second process refuses larger records, as another release might; null: all judge alike. */
  readonly strictBytes: number | null
  /** One audit lane is cut off or made anew and must stop; null: it is not. */
  readonly brokenTopic: BrokenTopic | null
  /** When something is written to the control log that no release knows; null: never. */
  readonly unknownEventAt: number | null
  /** A bucket or an index that fails as long as the faults last; nothing else does, and the others must not notice. */
  readonly failing: Failing | null
}

/** Times in simulated milliseconds. */
export interface Refusal {
  readonly index: string
  readonly from: number
  readonly to: number
}

/** `name`: of a bucket or an index. */
export interface Failing {
  readonly isIndex: boolean
  readonly name: string
  readonly how: "error" | "silence" | "gone" | "slow"
}

interface Waits {
  readonly baseMillis: number
  readonly capMillis: number
}

/** Bounds of delivery that a run replaces; named as delivery names them. Sizes in bytes, times in milliseconds. */
export interface SmallLimits {
  readonly frameBytes: number
  readonly objectBytes: number
  readonly legShareBytes: number
  readonly windowsBytes: number
  readonly receiversBytes: number
  readonly batchBytes: number
  readonly lingerMillis: number
  readonly bodiesBytes: number
  readonly refusedRecords: number
  readonly refusedBytes: number
  readonly turnBytes: number
  readonly handOverOffsets: number
  readonly backoff: Waits
  readonly probe: Waits
  readonly positionsMillis: number
  readonly reclaimMillis: number
  readonly drainMillis: number
}

/** Bounds of one process: some are another release, with another validator. */
export interface ProcessLimits extends SmallLimits {
  readonly recordBytes?: number
}

/** Small bounds, so that small workloads meet them. */
const drawLimits = (prng: Prng): SmallLimits => ({
  frameBytes: prng.pick([512, 2_048, 16_384]),
  objectBytes: prng.pick([2_048, 8_192, 65_536]),
  legShareBytes: prng.pick([256, 4_096, 65_536]),
  windowsBytes: prng.pick([32_768, 262_144]),
  receiversBytes: 8_192,
  batchBytes: 2_048,
  lingerMillis: 1_000,
  bodiesBytes: 262_144,
  refusedRecords: 8,
  refusedBytes: 4_096,
  turnBytes: prng.pick([1_024, 16_384]),
  handOverOffsets: prng.pick([4, 64]),
  backoff: { baseMillis: 200, capMillis: 8_000 },
  probe: { baseMillis: 1_000, capMillis: 15_000 },
  positionsMillis: prng.pick([5_000, 20_000]),
  reclaimMillis: 500,
  drainMillis: 5_000
})

const drawWeather = (prng: Prng): Weather => {
  const strength = () => prng.weighted({ none: 0.4, mild: 0.3 }, "rough")
  const factor = { none: 0, mild: 0.4, rough: 1 } as const
  const [log, store, spool, lag] = [strength(), strength(), strength(), strength()]
  return prng.chance(0.1)
    ? calm
    : weatherOf({ log: factor[log], store: factor[store], spool: factor[spool], lag: factor[lag] })
}

const drawDestination = (prng: Prng, tailnets: ReadonlyArray<string>, chaosMillis: number): DestinationPlan => ({
  tailnet: prng.pick(tailnets) ?? "example.com",
  logType: prng.pick(["configuration", "configuration", "network"]),
  bucket: prng.pick(["one", "one", "two", "three"]),
  index: null,
  keyPrefix: prng.pick(["", "", "logs/"]),
  codec: prng.pick(["none", "zstd", "gzip"]),
  layout: prng.pick(["documented", "live"]),
  periodSeconds: prng.pick([5, 5, 10, 20]),
  at: prng.int(1_000, prng.chance(0.8) ? 10_000 : chaosMillis)
})

const drawBucket = (prng: Prng, name: string): BucketPlan => ({
  name,
  conditional: !prng.chance(0.12),
  metadata: !prng.chance(0.08),
  headless: prng.chance(0.12)
})

const drawAppends = (prng: Prng, { chaosMillis, destinations, tailnets }: {
  readonly chaosMillis: number
  readonly destinations: ReadonlyArray<DestinationPlan>
  readonly tailnets: ReadonlyArray<string>
}): Scenario["appends"] => {
  const plain = Array.from({ length: prng.int(15, 50) }, () => ({
    at: prng.int(0, chaosMillis),
    tailnet: prng.pick(tailnets) ?? "example.com",
    logType: prng.pick(["configuration", "configuration", "network"] as const),
    count: prng.int(1, 5)
  }))
  const around = destinations.flatMap(({ at, logType, tailnet }) =>
    Array.from({ length: 4 }, () => ({ at: at + prng.int(-50, 200), tailnet, logType, count: prng.int(1, 2) }))
  )
  return [...plain, ...around]
}

/** Nothing is wrong but one bucket. */
const isolated = (prng: Prng, drawn: Scenario): Scenario => ({
  ...drawn,
  weather: calm,
  triggers: [],
  timed: [],
  brokenTopic: null,
  unknownEventAt: null,
  refusal: null,
  buckets: drawn.buckets.map(({ name }) => ({ name, conditional: true, metadata: true, headless: false })),
  indexes: drawn.indexes.map((index) => ({ ...index, maxAgeMillis: null })),
  failing: {
    isIndex: typeof drawn.destinations[0]?.index === "string",
    name: drawn.destinations[0]?.bucket ?? "one",
    how: prng.pick(["error", "silence", "gone", "slow"])
  }
})

export const drawScenario = (prng: Prng): Scenario => {
  const drawn = withReceivers(prng.fork("receivers"), drawAny(prng))
  return prng.chance(0.05) ? isolated(prng, drawn) : drawn
}

const drawAny = (prng: Prng): Scenario => {
  const chaosMillis = prng.int(60_000, 200_000)
  const tailnets = ["example.com", "alice.github", "bob@example.org"].slice(0, prng.int(1, 3))
  const destinations = Array.from({ length: prng.int(1, 4) }, () => drawDestination(prng, tailnets, chaosMillis))
  const eventful = prng.chance(0.9)
  return {
    processes: prng.int(1, 3),
    tailnets,
    destinations,
    chaosMillis,
    buckets: ["one", "two", "three"].map((name) => drawBucket(prng, name)),
    indexes: [],
    hasReceivers: false,
    poison: null,
    refusal: null,
    appends: drawAppends(prng, { chaosMillis, destinations, tailnets }),
    plainRecords: prng.chance(0.1),
    weather: drawWeather(prng),
    triggers: Array.from({ length: eventful ? prng.int(2, 10) : 0 }, () => drawTrigger(prng, drawAct(prng))),
    timed: Array.from({ length: eventful ? prng.int(0, 4) : 0 }, () => ({
      at: prng.int(5_000, chaosMillis),
      act: drawAct(prng)
    })),
    markerOffsets: prng.pick([0, 1, 1, 2]),
    limits: drawLimits(prng),
    strictBytes: prng.fork("strict").chance(0.4) ? 1_000 : null,
    brokenTopic: prng.fork("broken").chance(0.1) ? drawBreak(prng.fork("break"), chaosMillis) : null,
    unknownEventAt: prng.chance(0.02) ? prng.int(5_000, chaosMillis) : null,
    failing: null
  }
}

/** Crashes are half of all harm. */
const drawAct = (prng: Prng): Act => prng.chance(0.4) ? "kill" : prng.pick(acts)
