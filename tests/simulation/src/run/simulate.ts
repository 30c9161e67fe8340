/** One seed, from the first append to the verdict. Synchronous throughout: nothing in it waits for the real world. */
import { DestinationId, topicOf } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { laneOf } from "@tailrace/log"
import { Effect, Layer } from "effect"
import { check, type Violation } from "../check/check.ts"
import { Prng } from "../engine/Prng.ts"
import { immortal } from "../engine/Timeline.ts"
import { perform, type Scene, watch } from "../world/Adversary.ts"
import { mend } from "../world/Buckets.ts"
import { Desk } from "../world/Desk.ts"
import { Fleet, type ProcessLayer, type WrapLog } from "../world/Fleet.ts"
import { Producers } from "../world/Producers.ts"
import { calm } from "../world/Weather.ts"
import { World } from "../world/World.ts"
import { drawScenario, type Scenario, type SmallLimits } from "./Scenario.ts"

export interface Subject {
  /** What each process runs, under these bounds; it says which states its legs visit. */
  readonly delivery: (
    options: { readonly limits: SmallLimits; readonly visited: (state: string) => void }
  ) => ProcessLayer
  /** A bug put in; none: the ports as they are. */
  readonly wrapLog?: WrapLog
  /** Changes what was drawn, for a scenario of its own. */
  readonly adapt?: (drawn: Scenario) => Scenario
}

export interface Outcome {
  readonly seed: number
  readonly hash: string
  readonly violations: ReadonlyArray<Violation>
  readonly counts: ReadonlyArray<readonly [string, number]>
  readonly lines: ReadonlyArray<string>
  /** Simulated time, in milliseconds. */
  readonly millis: number
}

const storeUrl = "https://store.example"

/** What settling may take at most, in simulated milliseconds. */
const settleMillis = 600_000

const prepare = (scene: Scene, scenario: Scenario, producers: Producers): void => {
  const { desk, world } = scene
  const at = (millis: number, run: () => void) => void world.timeline.after(millis, immortal, run)
  for (const { conditional, headless, metadata, name } of scenario.buckets) {
    Object.assign(world.buckets.at(`${storeUrl}/${name}`), { conditional, headless, metadata })
  }
  for (const bucket of world.buckets.all()) mend(bucket)
  const tailnets = Effect.forEach(scenario.tailnets, (tailnet) => desk.createTailnet(tailnet), { discard: true })
  desk.run(tailnets)
  scenario.destinations.forEach((plan, index) => at(plan.at, () => desk.run(create(desk, plan, index))))
  for (const append of scenario.appends) at(append.at, () => producers.append(append))
  for (const { act, at: millis } of scenario.timed) {
    at(millis, () => {
      const process = world.dice.pick(scene.fleet.alive)
      if (process !== undefined) perform(scene, act, { process, name: "time", phase: "after" })
    })
  }
  const { brokenTopic } = scenario
  if (brokenTopic !== null) at(brokenTopic.at, () => breakTopic(scene, scenario, brokenTopic.how))
}

const create = (desk: Desk, plan: Scenario["destinations"][number], index: number): Effect.Effect<void> =>
  desk.create({
    id: DestinationId.make(`dst_${index + 1}`),
    tailnet: plan.tailnet,
    logType: plan.logType,
    config: {
      _tag: "s3",
      url: storeUrl,
      bucket: plan.bucket,
      region: "",
      keyPrefix: plan.keyPrefix,
      accessKeyId: "AKIAEXAMPLE",
      addressing: "auto"
    },
    upload: {
      periodMinutes: 1,
      periodSeconds: plan.periodSeconds,
      codec: plan.codec,
      keyLayout: plan.layout,
      emptyWindows: "none"
    }
  })

const brokenLane = (scenario: Scenario, lanes: number): number => laneOf(scenario.tailnets[0] ?? "", lanes)

const breakTopic = ({ world }: Scene, scenario: Scenario, how: "truncate" | "recreate"): void => {
  const lane = brokenLane(scenario, world.lanes)
  const { earliest, next } = world.boundsNow("audit", lane)
  if (next - earliest < 2) return
  const to = how === "recreate" ? 0 : earliest + Math.floor((next - earliest) / 2)
  if (how === "recreate") world.memory.recreate("audit", lane)
  else world.memory.truncate("audit", lane, to)
  world.history.forget("audit", lane, to)
  world.broken.add(lane)
  world.fault(how === "recreate" ? "topic made anew" : "topic truncated", `audit/${lane}`)
}

/** The faults end: everything works, everybody is told, and what waits has time to arrive. */
const calmDown = ({ desk, fleet, world }: Scene): void => {
  world.say("calm")
  world.weather = calm
  world.onStep = () => {}
  for (const bucket of world.buckets.all()) mend(bucket)
  fleet.settle()
  for (const wanted of desk.destinations) desk.run(desk.setPaused(wanted, false))
}

/** Whether every leg has nothing more to do, as the ledger shows it. */
const isSettled = ({ desk, world }: Scene): boolean => {
  if (world.broken.size === 0 && world.history.openSeals.size > 0) return false
  return desk.destinations.every((wanted) => {
    if (wanted.deleted) return true
    for (let lane = 0; lane < world.lanes; lane++) {
      if (world.broken.has(lane)) continue
      const last = world.history.lastOf(topicOf[wanted.logType], lane, wanted.tailnet)
      if (last >= (world.history.cursors.get(`${wanted.id}/${lane}`) ?? 0)) return false
    }
    return true
  })
}

const settle = (scene: Scene): void => {
  const { timeline } = scene.world
  const deadline = timeline.now + settleMillis
  // Timers of the calm time: late landings, releases, restarts; then the last windows.
  timeline.run(timeline.now + 30_000, () => false)
  while (timeline.now < deadline && !isSettled(scene)) timeline.run(timeline.now + 5_000, () => false)
  timeline.run(timeline.now + 60_000, () => false)
}

export const simulate = (seed: number, subject: Subject, options: { readonly keepTrace: boolean }): Outcome => {
  const prng = new Prng(seed)
  const scenario = (subject.adapt ?? ((drawn) => drawn))(drawScenario(prng.fork("scenario")))
  const world = new World({ seed, lanes: 2, markerOffsets: scenario.markerOffsets, ...options })
  const fleet = new Fleet(world, {
    size: scenario.processes,
    delivery: subject.delivery({
      limits: scenario.limits,
      visited: (state) => world.coverage.hit(`state: ${state}`)
    }),
    control: Layer.fresh(ControlLog.layer),
    wrapLog: subject.wrapLog ?? ((log) => log)
  })
  const desk = new Desk(world, fleet)
  const scene: Scene = { world, fleet, desk }
  const producers = new Producers(world, scenario.plainRecords)
  world.weather = scenario.weather
  watch(scene, scenario.triggers)
  fleet.start()
  prepare(scene, scenario, producers)
  world.timeline.run(scenario.chaosMillis, () => false)
  calmDown(scene)
  settle(scene)
  const violations = check(world, world.broken)
  const { counts } = world.coverage
  return {
    seed,
    hash: world.trace.hash(),
    violations,
    counts: [...counts],
    lines: world.trace.lines,
    millis: world.timeline.now
  }
}
