/** One seed, from the first append to the verdict. Synchronous throughout: nothing in it waits for the real world. */
import { DestinationId, topicOf } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { laneOf } from "@tailrace/log"
import { Effect, Layer } from "effect"
import { check, type Violation } from "../check/check.ts"
import { chainOf, type Destinations, foldControl, type Known, latest } from "../check/Destinations.ts"
import { isStrict, noteValidators } from "../check/validators.ts"
import { Prng } from "../engine/Prng.ts"
import { immortal } from "../engine/Timeline.ts"
import { perform, watch } from "../world/Adversary.ts"
import { breakTopic } from "../world/Breaks.ts"
import { mend } from "../world/Buckets.ts"
import { receiverConfig, storeConfig, storeUrl } from "../world/Configs.ts"
import { Desk } from "../world/Desk.ts"
import { Fleet, type ProcessLayer, type Wraps } from "../world/Fleet.ts"
import { indexUrl, mendIndex } from "../world/Indexes.ts"
import { Producers } from "../world/Producers.ts"
import type { Scene } from "../world/Scene.ts"
import { calm } from "../world/Weather.ts"
import { type MemoryGauge, World } from "../world/World.ts"
import { drawScenario, type ProcessLimits, type Scenario } from "./Scenario.ts"

export interface SubjectOptions {
  readonly name: string
  readonly limits: ProcessLimits
  /** To be told of each state that a leg visits. */
  readonly visited: (state: string) => void
  /** To be given the process's gauge of memory: what it holds, and the most that it ever held. */
  readonly started: (memory: MemoryGauge) => void
}

export interface Subject {
  /** What each process runs. */
  readonly delivery: (options: SubjectOptions) => ProcessLayer
  /** A bug put in; none: the ports as they are. */
  readonly wraps?: Wraps
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

/** More than any read of these small logs brings to all legs. */
const oneReadBytes = 512 * 1024

/** What a leg to a receiver may always hold, however little is left: its smallest share, and a batch beyond it. */
export const leastLegBytes = (64 + 16) * 1024

/** Every destination on every lane. */
const receiverLegsMax = 8

/** What settling may take at most, in simulated milliseconds. */
const settleMillis = 600_000

const prepare = (scene: Scene, scenario: Scenario, producers: Producers): void => {
  const { desk, world } = scene
  const at = (millis: number, run: () => void) => void world.timeline.after(millis, immortal, run)
  for (const { conditional, headless, metadata, name } of scenario.buckets) {
    Object.assign(world.buckets.at(`${storeUrl}/${name}`), { conditional, headless, metadata })
  }
  for (const bucket of world.buckets.all()) mend(bucket)
  for (const plan of scenario.indexes) world.indexes.make(plan)
  const tailnets = Effect.forEach(scenario.tailnets, (tailnet) => desk.createTailnet(tailnet), { discard: true })
  desk.run(tailnets)
  scenario.destinations.forEach((plan, index) =>
    at(plan.at, () => {
      world.coverage.hit("fault: appends around a destination's creation")
      desk.run(create(desk, plan, index))
    })
  )
  for (const append of scenario.appends) at(append.at, () => producers.append(append))
  for (const { act, at: millis } of scenario.timed) {
    at(millis, () => {
      const process = world.dice.pick(scene.fleet.alive)
      if (process !== undefined) perform(scene, act, { process, name: "time", phase: "after" })
    })
  }
  const { brokenTopic, unknownEventAt } = scenario
  if (unknownEventAt !== null) at(unknownEventAt, () => writeUnknownEvent(scene, scenario))
  spoilFailing(scene, scenario)
  if (scenario.refusal !== null) {
    const { from, index: name, to } = scenario.refusal
    const index = world.indexes.at(`${indexUrl}/${name}`)
    at(from, () => void (index.refusesAll = true))
    at(to, () => void (index.refusesAll = false))
  }
  if (brokenTopic === null) return
  const tailnet = scenario.tailnets[0] ?? ""
  const plan = { ...brokenTopic, tailnet, lane: laneOf(tailnet, world.lanes) }
  at(brokenTopic.at, () => breakTopic({ scene, producers, plan }))
}

const create = (desk: Desk, plan: Scenario["destinations"][number], index: number): Effect.Effect<void> =>
  desk.create({
    id: DestinationId.make(`dst_${index + 1}`),
    tailnet: plan.tailnet,
    logType: plan.logType,
    config: plan.index === null ? storeConfig(plan.bucket, plan.keyPrefix) : receiverConfig(plan.index),
    upload: {
      periodMinutes: 1,
      periodSeconds: plan.periodSeconds,
      codec: plan.codec,
      keyLayout: plan.layout,
      emptyWindows: "none"
    }
  })

/** A record of another release: right in everything but the name of its event. */
const writeUnknownEvent = ({ world }: Scene, scenario: Scenario): void => {
  const [tailnet] = scenario.tailnets
  const lane = laneOf(tailnet ?? "", world.lanes)
  const origin = { origin: "CONTROL", actor: { id: "later", type: "USER", loginName: "", displayName: "" }, at: 0 }
  const events = [{ _tag: "InventedLater" }]
  const record = { tailnet, expectedVersion: 0, commandId: "later", eventGroupID: "0".repeat(32), ...origin, events }
  const entry = { key: tailnet ?? "", value: new TextEncoder().encode(JSON.stringify(record)) }
  world.halted = true
  world.fault("unknown event type in control", tailnet)
  world.server.fork(world.memory.log.append("control", lane, [entry]))
}

const failingTarget = ({ failing }: Scenario): string | null =>
  failing === null ? null : `${failing.isIndex ? indexUrl : storeUrl}/${failing.name}`

const spoilFailing = ({ world }: Scene, { failing }: Scenario): void => {
  if (failing === null) return
  const { how, isIndex, name } = failing
  world.fault(`one ${isIndex ? "index" : "bucket"} fails all the time`, how)
  if (isIndex) {
    const index = world.indexes.at(`${indexUrl}/${name}`)
    if (how === "gone") index.refusesAll = true
    else if (how === "slow") index.slowness = 8_000
    else index.outage = how
    return
  }
  const bucket = world.buckets.at(`${storeUrl}/${name}`)
  if (how === "gone") bucket.exists = false
  else if (how === "slow") bucket.slowness = 8_000
  else bucket.outage = how
}

/** The faults end: everything works, everybody is told, and what waits has time to arrive. */
const calmDown = ({ fleet, world }: Scene): void => {
  world.say("calm")
  world.weather = calm
  world.latePuts = 0
  world.onStep = () => {}
  for (const bucket of world.buckets.all()) mend(bucket)
  for (const index of world.indexes.all()) mendIndex(index)
  fleet.settle()
}

/** Whether a leg has nothing more to do, as the ledger shows it. */
const isDone = ({ world }: Scene, chain: ReadonlyArray<Known>, lane: number): boolean => {
  const [first] = chain
  if (first === undefined || chain.at(-1)?.deleted === true || world.broken.has(lane)) return true
  const cursors = chain.map(({ id }) => world.history.cursors.get(`${id}/${lane}`) ?? 0)
  const start = first.start._tag === "At" ? first.start.offsets[lane] ?? 0 : 0
  return world.history.lastOf(topicOf[first.logType], lane, first.tailnet) < Math.max(start, ...cursors)
}

const isSettled = (scene: Scene, destinations: Destinations): boolean => {
  const { broken, history, lanes } = scene.world
  if (scene.world.halted) return true
  if (broken.size === 0 && history.openSeals.size > 0) return false
  const all = Array.from({ length: lanes }, (_, lane) => lane)
  return latest(destinations).every((known) => all.every((lane) => isDone(scene, chainOf(destinations, known), lane)))
}

/** A pause that was sent before the calm may have come after it. */
const resumeAll = ({ desk }: Scene, destinations: Destinations): void => {
  for (const wanted of desk.destinations) {
    const known = destinations.all.get(wanted.id)
    if (known?.paused === true && !known.deleted) desk.run(desk.resume(wanted))
  }
}

const settle = (scene: Scene): void => {
  const { timeline } = scene.world
  const deadline = timeline.now + settleMillis
  // Timers of the calm time: late landings, releases, restarts; then the last windows.
  timeline.run(timeline.now + 30_000, () => false)
  for (;;) {
    const destinations = foldControl(scene.world)
    if (timeline.now >= deadline || isSettled(scene, destinations)) break
    resumeAll(scene, destinations)
    timeline.run(timeline.now + 5_000, () => false)
  }
  timeline.run(timeline.now + 40_000, () => false)
}

/** Every second process has the stricter validator. */
const limitsOf = ({ limits, strictBytes }: Scenario, name: string): ProcessLimits =>
  strictBytes !== null && isStrict(name) ? { ...limits, recordBytes: strictBytes } : limits

export const simulate = (seed: number, subject: Subject, options: { readonly keepTrace: boolean }): Outcome => {
  const prng = new Prng(seed)
  const scenario = (subject.adapt ?? ((drawn) => drawn))(drawScenario(prng.fork("scenario")))
  const world = new World({ seed, lanes: 2, markerOffsets: scenario.markerOffsets, ...options })
  world.strictBytes = scenario.strictBytes
  world.hasReceivers = scenario.hasReceivers
  const fleet = new Fleet(world, {
    size: scenario.processes,
    delivery: (name) =>
      subject.delivery({
        name,
        limits: limitsOf(scenario, name),
        visited: (state) => world.coverage.hit(`state: ${state}`),
        started: (memory) =>
          void world.memoryGauges.push({
            limitBytes: scenario.limits.windowsBytes + oneReadBytes,
            gatheredLimitBytes: scenario.limits.receiversBytes + receiverLegsMax * leastLegBytes,
            memory
          })
      }),
    control: Layer.fresh(ControlLog.layer),
    wraps: subject.wraps ?? {}
  })
  const desk = new Desk(world, fleet)
  const scene: Scene = { world, fleet, desk }
  const producers = new Producers(world, scenario.plainRecords, scenario.poison)
  world.weather = scenario.weather
  watch(scene, scenario.triggers)
  fleet.start()
  prepare(scene, scenario, producers)
  world.timeline.run(scenario.chaosMillis, () => false)
  calmDown(scene)
  settle(scene)
  noteValidators(world)
  const violations = check(world, failingTarget(scenario))
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
