/**
 * The delivery processes of a world and who owns which lane. A process is the layer under test over ports of its own;
 * killed, it is gone at once, and another one starts with nothing but the log.
 */
import type { Compression, Spool } from "@tailrace/delivery"
import { Compression as CompressionPort, Spool as SpoolPort } from "@tailrace/delivery"
import { ObjectStores, Receivers } from "@tailrace/destinations"
import { type ControlLog, Secrets, type UnknownControlRecord } from "@tailrace/event-store"
import { type Lane, Log, type LogError } from "@tailrace/log"
import { Cause, Exit, Layer, Scope } from "effect"
import { Process } from "../engine/Process.ts"
import { immortal } from "../engine/Timeline.ts"
import { Ownership } from "./Ownership.ts"
import { simCompression } from "./SimCompression.ts"
import { simLog } from "./SimLog.ts"
import { simReceivers } from "./SimReceivers.ts"
import { simSecrets, Vault } from "./SimSecrets.ts"
import { simSpool } from "./SimSpool.ts"
import { simStores } from "./SimStores.ts"
import type { World } from "./World.ts"

/** What a process under test is made of, over its ports. */
export type ProcessLayer = Layer.Layer<
  never,
  LogError,
  Log | ControlLog | Secrets | ObjectStores | Receivers | Compression | Spool
>

/** The control log over a process's log. */
export type ControlLayer = Layer.Layer<ControlLog, UnknownControlRecord | LogError, Log>

/** So long after its last heartbeat a process counts as gone, in milliseconds. */
const leaseMillis = 10_000

/** Puts a bug in by wrapping a port; a plain run passes the port through. */
export type WrapLog = (log: Log["Service"], world: World, process: Process) => Log["Service"]
export type WrapReceivers = (
  receivers: Receivers["Service"],
  world: World,
  process: Process
) => Receivers["Service"]

/** What a bug consists of; without a part, that port is as it is. */
export interface Wraps {
  readonly log?: WrapLog
  readonly receivers?: WrapReceivers
}

export interface FleetOptions {
  readonly size: number
  readonly delivery: (name: string) => ProcessLayer
  readonly control: ControlLayer
  readonly wraps: Wraps
}

interface Member {
  readonly process: Process
  readonly scope: Scope.Closeable
  readonly disk: { bytes: number; lost: boolean }
}

export class Fleet {
  readonly ownership: Ownership
  readonly vault = new Vault()
  readonly options: FleetOptions
  readonly #world: World
  readonly #members: Array<Member> = []
  readonly #owners: Array<Process | undefined> = []
  #born = 0
  #settled = false
  /** A process could not start: the next ones take their time. */
  #slowStart = false

  constructor(world: World, options: FleetOptions) {
    this.#world = world
    this.options = options
    this.ownership = new Ownership(world)
  }

  get alive(): ReadonlyArray<Process> {
    return this.#members.map(({ process }) => process)
  }

  ownerOf(lane: Lane): Process | undefined {
    return this.#owners[lane]
  }

  /** A process that could own the lane and does not, if there is one. */
  another(lane: Lane): Process | undefined {
    return this.#world.dice.pick(
      this.#members.map(({ process }) => process).filter((process) => process !== this.#owners[lane] && !process.frozen)
    )
  }

  start(): void {
    while (this.#members.length < this.options.size) this.#begin()
    this.#giveAll()
  }

  /** The lane goes to `to`; its old owner hears of it after `oldHearsAfter` milliseconds. */
  move(lane: Lane, to: Process, oldHearsAfter: number): void {
    const old = this.#owners[lane]
    if (old === to || !to.alive) return
    this.#owners[lane] = to
    if (old?.alive === true && oldHearsAfter > 0) this.#world.fault("two owners at once", `lane ${lane}`)
    if (old?.alive === true && this.#world.history.hasOpenWindow(lane)) {
      this.#world.fault("lane taken with a window open", `lane ${lane}`)
    }
    if (old !== undefined) {
      this.#world.timeline.after(oldHearsAfter, old, () => {
        if (this.#owners[lane] !== old) this.ownership.tell(old, { lost: [lane] })
      })
    }
    this.ownership.tell(to, { gained: [lane] })
  }

  /** A rebalance in which the lane stays where it is: neither lost nor gained, though others come and go. */
  keep(lane: Lane): void {
    const owner = this.#owners[lane]
    if (owner === undefined) return
    this.#world.fault("lane kept across a rebalance", `lane ${lane}`)
    const others = [...this.#owners.keys()].filter((one) => one !== lane && this.#owners[one] === owner)
    const to = this.another(lane)
    if (to !== undefined) { for (const other of others) this.move(other, to, 0) }
  }

  kill(process: Process): void {
    const index = this.#members.findIndex((member) => member.process === process)
    if (index < 0) return
    this.#members.splice(index, 1)
    this.#world.say(`kill ${process.name}`)
    process.kill()
    this.#replaceLater()
  }

  /** Ends a process as SIGTERM does: its scope closes, then it is gone. */
  stop(process: Process): void {
    const member = this.#members.find((one) => one.process === process)
    if (member === undefined || process.frozen) return
    this.#world.fault("graceful stop", process.name)
    process.fork(Scope.close(member.scope, Exit.void)).addObserver(() => this.kill(process))
  }

  /** It stands still for longer than its lease: its lanes are given away; then it goes on as if nothing had been. */
  freeze(process: Process): void {
    if (process.frozen || !this.alive.includes(process)) return
    const { dice, timeline } = this.#world
    this.#world.fault("process frozen", process.name)
    process.freeze()
    timeline.after(leaseMillis, immortal, () => {
      if (!process.frozen) return
      for (const lane of this.#lanesOf(process)) {
        const to = this.another(lane)
        if (to !== undefined) this.move(lane, to, 0)
      }
    })
    timeline.after(leaseMillis + dice.int(1_000, 60_000), immortal, () => this.#thaw(process))
  }

  /** The group was out of reach for as long as its lease: it must give its lanes up, though nobody else gets them. */
  expireLease(process: Process): void {
    const lost = this.#lanesOf(process)
    if (lost.length === 0) return
    this.#world.fault("lease expires and comes back", process.name)
    this.ownership.tell(process, { lost })
    this.#world.timeline.after(this.#world.dice.int(0, 20_000), process, () => {
      this.ownership.tell(process, { gained: this.#lanesOf(process) })
    })
  }

  /** The spools of all processes lose what they hold, from now on. */
  loseSpools(): void {
    for (const { disk } of this.#members) disk.lost = true
  }

  /** From now on nothing changes hands: each lane has one living owner, and everybody knows. */
  settle(): void {
    this.#settled = true
    this.start()
    for (const process of this.alive) {
      this.#thaw(process)
      process.wallOffset = 0
      const foreign = [...this.ownership.lanesOf(process)].filter((lane) => this.#owners[lane] !== process)
      this.ownership.tell(process, { gained: this.#lanesOf(process), lost: foreign })
    }
  }

  /** The ports of a process, with whatever bug was put in. */
  ports(process: Process, disk: Member["disk"]) {
    const world = this.#world
    const { log: wrapLog = (one) => one, receivers: wrapReceivers = (one) => one } = this.options.wraps
    const log = wrapLog(simLog(world, process, this.ownership), world, process)
    return Layer.mergeAll(
      Layer.succeed(Log, log),
      Layer.succeed(Secrets, simSecrets(world, process, this.vault)),
      Layer.succeed(ObjectStores, simStores(world, process)),
      Layer.succeed(Receivers, wrapReceivers(simReceivers(world, process), world, process)),
      Layer.succeed(CompressionPort, simCompression(world, process)),
      Layer.succeed(SpoolPort, simSpool(world, process, disk))
    )
  }

  #begin(): void {
    const world = this.#world
    const name = `p${++this.#born}`
    const process = new Process(name, world.timeline, world.prng.fork(name))
    const scope = Scope.makeUnsafe()
    const member = { process, scope, disk: { bytes: 0, lost: false } }
    this.#members.push(member)
    world.say(`start ${name}`)
    const { control, delivery } = this.options
    const layer = delivery(name).pipe(Layer.provide(control), Layer.provide(this.ports(process, member.disk)))
    process.fork(Layer.buildWithScope(layer, scope)).addObserver((exit) => this.#begun(process, exit))
  }

  #begun(process: Process, exit: Exit.Exit<unknown, unknown>): void {
    if (Exit.isSuccess(exit)) return
    if (Cause.hasDies(exit.cause)) this.#world.violate(`${process.name} died: ${Cause.pretty(exit.cause)}`)
    else this.#world.say(`${process.name} could not start`)
    this.#slowStart = true
    this.kill(process)
  }

  #replaceLater(): void {
    const { dice, timeline } = this.#world
    const wait = this.#settled && !this.#slowStart ? 100 : dice.int(100, 15_000)
    timeline.after(wait, immortal, () => {
      // One for one: a process that cannot start must not be followed by two.
      if (this.#members.length < this.options.size) this.#begin()
      this.#giveAll()
    })
  }

  #lanesOf(process: Process): ReadonlyArray<Lane> {
    return [...this.#owners.keys()].filter((lane) => this.#owners[lane] === process)
  }

  #thaw(process: Process): void {
    if (!process.frozen || !process.alive) return
    this.#world.say(`thaw ${process.name}`)
    this.#world.thawedAt = this.#world.timeline.now
    process.thaw()
    this.expireLease(process)
    this.#giveAll()
  }

  #giveAll(): void {
    for (let lane = 0; lane < this.#world.lanes; lane++) this.#give(lane)
  }

  /** Gives a lane without a living owner to somebody. */
  #give(lane: Lane): void {
    if (this.#owners[lane]?.alive === true) return
    const to = this.#world.dice.pick(this.alive.filter((process) => !process.frozen))
    if (to === undefined) return
    this.#owners[lane] = to
    this.ownership.tell(to, { gained: [lane] })
  }
}
