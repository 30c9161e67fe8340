/**
 * The part of a seed that concerns receivers: which of its destinations are some, what their far sides are like, and
 * which harm is done to them. Drawn on its own, so that seeds without receivers are what they would be anyway.
 */
import type { Prng } from "../engine/Prng.ts"
import { drawReceiverTrigger } from "../world/Adversary.ts"
import type { IndexPlan } from "../world/Indexes.ts"
import { type Act, receiverActs } from "../world/Scene.ts"
import type { Scenario } from "./Scenario.ts"

const drawIndex = (prng: Prng, name: string): IndexPlan => {
  const recordBytes = prng.pick([400, 1_500, 8_000])
  return {
    name,
    style: prng.pick(["hec", "bulk", "plain"]),
    limits: {
      recordBytes,
      requestBytes: Math.max(recordBytes, prng.pick([600, 2_000, 16_384])),
      requestRecords: prng.pick([1, 3, 10, 100]),
      inFlight: prng.pick([1, 2, 4, 8]),
      codecs: prng.pick([["none", "gzip", "zstd"], ["none", "gzip"], ["none"]])
    },
    maxAgeMillis: prng.chance(0.1) ? 60_000 : null,
    hiddenBytes: prng.chance(0.2) ? prng.pick([500, 1_000]) : null
  }
}

const harm = [
  "refuseSecret",
  "outage",
  "silence",
  "target",
  "orphan",
  "credentials",
  "codec",
  "replace",
  "delete",
  "pause",
  "test",
  "expire",
  "steal",
  ...receiverActs
] as const

const drawAct = (prng: Prng): Act => prng.weighted({ kill: 0.35, steal: 0.12, replace: 0.05 }, prng.pick(harm))

/** More records, so that requests have something to hold; now and then very many at once. */
const drawAppends = (prng: Prng, { chaosMillis, destinations }: Scenario): Scenario["appends"] =>
  destinations.filter(({ index }) => index !== null).flatMap(({ at, logType, tailnet }) =>
    Array.from({ length: prng.int(2, 6) }, () => ({
      at: prng.int(at, chaosMillis),
      tailnet,
      logType,
      count: prng.pick([5, 15, 40])
    }))
  )

/** A receiver that is set up for other records, at a time when there are many. */
const withRefusal = (prng: Prng, drawn: Scenario): Scenario => {
  const plan = prng.pick(drawn.destinations.filter(({ index }) => index !== null))
  const first = prng.int(20_000, drawn.chaosMillis - 20_000)
  if (plan?.index == null || first < plan.at || !prng.chance(0.2)) return drawn
  const { index, logType, tailnet } = plan
  return {
    ...drawn,
    refusal: { index, from: first, to: first + prng.int(3_000, 30_000) },
    appends: [...drawn.appends, { at: first + 500, tailnet, logType, count: 60 }]
  }
}

/** About every `share`-th destination becomes a receiver. */
export const asReceivers = (prng: Prng, drawn: Scenario, share: number): Scenario => {
  const destinations = drawn.destinations.map((plan) => ({ ...plan, index: prng.chance(share) ? plan.bucket : null }))
  if (!destinations.some(({ index }) => index !== null)) return drawn
  const indexes = ["one", "two", "three"].map((name) => drawIndex(prng, name))
  const planned = { ...drawn, destinations, indexes, hasReceivers: true }
  const isEventful = drawn.triggers.length > 0
  const largest = Math.min(...indexes.map(({ limits }) => limits.recordBytes))
  return withRefusal(prng, {
    ...planned,
    appends: [...drawn.appends, ...drawAppends(prng, planned)],
    limits: {
      ...drawn.limits,
      receiversBytes: prng.pick([4_096, 65_536]),
      batchBytes: prng.pick([512, 2_048, 16_384]),
      lingerMillis: prng.pick([200, 1_000])
    },
    poison: prng.chance(0.5) ? { share: prng.pick([0.02, 0.04]), bytes: largest - 12 } : null,
    triggers: [
      ...drawn.triggers.filter(() => prng.chance(0.5)),
      ...Array.from({ length: isEventful ? prng.int(1, 6) : 0 }, () => drawReceiverTrigger(prng, drawAct(prng)))
    ]
  })
}

/** Half of all seeds have receivers, half of these nothing else. */
export const withReceivers = (prng: Prng, drawn: Scenario): Scenario =>
  asReceivers(prng, drawn, prng.pick([0, 0, 0.5, 1]))
