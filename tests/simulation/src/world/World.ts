/**
 * What a simulation consists of besides the code under test: time, the log, the buckets, the weather, and the record of
 * all that happened. One seed makes one world.
 */
import { type Lane, makeMemoryLog, type MemoryLog, type Topic } from "@tailrace/log"
import { type Effect, Exit } from "effect"
import { Coverage } from "../engine/Coverage.ts"
import { Prng } from "../engine/Prng.ts"
import { Process } from "../engine/Process.ts"
import { Timeline } from "../engine/Timeline.ts"
import { Trace } from "../engine/Trace.ts"
import { Buckets } from "./Buckets.ts"
import { History } from "./History.ts"
import { Indexes } from "./Indexes.ts"
import { calm, type Weather } from "./Weather.ts"

/** Something a process does at a port, just before it takes effect or just after. */
export interface Step {
  readonly process: Process
  /** For example `commit BatchSealed`, `put`, `pull audit`. */
  readonly name: string
  readonly phase: "before" | "after"
  readonly lane?: number | undefined
  readonly destination?: string | undefined
}

/** What became of a lane whose audit topic was cut off, or made anew. */
export interface Break {
  readonly at: number
  /** Offsets from here on are given again. */
  readonly to: number
  /** Where it had ended. */
  readonly end: number
}

/** The most that windows and records gathered for receivers ever held in a delivery process, in bytes. */
export type MemoryGauge = Effect.Effect<{ readonly highestBytes: number; readonly mostGatheredBytes: number }>

/** A process's memory and what it may hold: its bounds, and what one read or the smallest share of a leg brings. */
export interface HeldMemory {
  readonly limitBytes: number
  readonly gatheredLimitBytes: number
  readonly memory: MemoryGauge
}

export interface WorldOptions {
  readonly seed: number
  readonly lanes: number
  readonly keepTrace: boolean
  /** Offsets left out behind each commit, as on Kafka. */
  readonly markerOffsets: number
}

export class World {
  readonly timeline = new Timeline()
  readonly coverage = new Coverage()
  readonly trace: Trace
  readonly prng: Prng
  readonly memory: MemoryLog
  readonly history: History
  readonly buckets = new Buckets()
  readonly indexes = new Indexes()
  readonly lanes: number
  /** Runs what happens on the far side of the ports: brokers, stores, the people who cause changes. It never dies. */
  readonly server: Process
  weather: Weather = calm
  /** What went wrong while running, in the harness's own words; the checker adds to it. */
  readonly violations: Array<string> = []
  /** Called at each step; may kill the process that makes it. */
  onStep: (step: Step) => void = () => {}
  /** Last claim of each lane. */
  readonly claims: Array<number>
  /** Some processes refuse records over so many bytes, as another release might; null: all judge alike. */
  strictBytes: number | null = null
  /** Some destinations of this world are receivers, and others may become some. */
  hasReceivers = false
  /** Lanes whose topic was cut or made anew, and what is known of it: they must stop. */
  readonly broken = new Map<number, Break>()
  /** When a process that had stood still went on last, in simulation time. */
  thawedAt = 0
  /** The control log holds what nobody can read: who notices does nothing new. */
  halted = false
  /** Simulation time of each claim, named `lane/number`. */
  readonly claimedAt = new Map<string, number>()
  /** Processes whose wall clock has jumped. */
  readonly jumped = new Set<string>()
  /** Last claim of each process on each lane, named `process/lane`. */
  readonly claimOf = new Map<string, number>()
  /** Name of the process that claimed each lane last. */
  readonly claimers: Array<string> = []
  /** So many of the next `PUT`s and requests to receivers land late, whatever the weather. */
  latePuts = 0
  /** What each read of a topic takes besides the network, in milliseconds. */
  pullMillis = 0
  /** Records and bytes handed out by `follow`, for each `topic/lane`. */
  readonly reads = new Map<string, { records: number; bytes: number }>()
  readonly memoryGauges: Array<HeldMemory> = []
  readonly #dice: Prng

  constructor(options: WorldOptions) {
    this.prng = new Prng(options.seed)
    this.#dice = this.prng.fork("dice")
    this.trace = new Trace(options.keepTrace)
    this.lanes = options.lanes
    this.memory = makeMemoryLog({ lanes: options.lanes, markerOffsets: options.markerOffsets })
    this.history = new History(this.memory, options.lanes)
    this.claims = Array.from({ length: options.lanes }, () => 0)
    this.server = new Process("world", this.timeline, this.prng.fork("world"))
  }

  /** Randomness of faults; drawn in the order in which things happen. */
  get dice(): Prng {
    return this.#dice
  }

  say(line: string): void {
    this.trace.add(`${this.timeline.now.toFixed(3)} ${line}`)
  }

  /** A listed fault has happened. */
  fault(name: string, detail = ""): void {
    this.coverage.hit(`fault: ${name}`)
    this.say(`fault ${name} ${detail}`)
  }

  /** Tells the plan; answers whether the process has survived. */
  step(step: Step): boolean {
    this.onStep(step)
    return step.process.alive
  }

  boundsNow(topic: Topic, lane: Lane): { readonly earliest: number; readonly next: number } {
    let bounds = { earliest: 0, next: 0 }
    this.server.fork(this.memory.log.bounds(topic, lane)).addObserver((exit) => {
      if (Exit.isSuccess(exit)) bounds = exit.value
    })
    return bounds
  }

  /** Retention: nothing before `before` can be read any more. */
  expire(topic: Topic, lane: Lane, before: number): void {
    this.memory.expire(topic, lane, before)
    this.say(`expire ${topic}/${lane} before ${before}`)
  }

  violate(what: string): void {
    this.violations.push(`${(this.timeline.now / 1000).toFixed(3)} s: ${what}`)
    this.say(`VIOLATION ${what}`)
  }
}
