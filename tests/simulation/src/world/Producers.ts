/** Appends records of several tailnets, on their lanes and on foreign ones, and again when an answer is lost. */
import type { LogType } from "@tailrace/domain"
import { topicOf } from "@tailrace/domain"
import { type Entry, type Lane, laneOf, Log } from "@tailrace/log"
import { Effect } from "effect"
import { Process } from "../engine/Process.ts"
import { Ownership } from "./Ownership.ts"
import { plainValue, poisonValue, recordValue } from "./Records.ts"
import { simLog } from "./SimLog.ts"
import type { World } from "./World.ts"

export interface Append {
  readonly tailnet: string
  readonly logType: LogType
  readonly count: number
}

/** Records that no receiver takes which looks at them. */
export interface Poison {
  /** Of all records. */
  readonly share: number
  /** Size of the largest of them. */
  readonly bytes: number
}

/** Tries of one append whose answer was lost: each may have made records of its own. */
const triesMax = 3

export class Producers {
  readonly #world: World
  readonly #process: Process
  readonly #log: Log["Service"]
  readonly #plain: boolean
  readonly #poison: Poison | null
  #made = 0

  /** `plain`: no record that anybody would refuse, and no key or lane but the usual. */
  constructor(world: World, plain: boolean, poison: Poison | null = null) {
    this.#world = world
    this.#plain = plain
    this.#poison = poison
    this.#process = new Process("producer", world.timeline, world.prng.fork("producer"))
    this.#log = simLog(world, this.#process, new Ownership(world))
  }

  /** How many records were asked for. */
  get made(): number {
    return this.#made
  }

  append({ count, logType, tailnet }: Append): void {
    const { dice, lanes } = this.#world
    const home = laneOf(tailnet, lanes)
    const foreign = !this.#plain && dice.chance(0.08)
    if (foreign) this.#world.fault("key on a foreign lane", tailnet)
    const lane = foreign ? (home + 1) % lanes : home
    const entries = Array.from({ length: count }, () => this.#entry(tailnet, logType))
    const append = this.#log.append(topicOf[logType], lane, entries)
    this.#process.fork(Effect.ignore(Effect.retry(append, { times: triesMax - 1 })))
  }

  /** Records already durable when the simulation goes on: for workloads of another size. */
  appendNow(lane: Lane, { count, logType, tailnet }: Append): void {
    const world = this.#world
    const entries = Array.from({ length: count }, () => this.#entry(tailnet, logType))
    world.server.fork(world.memory.log.append(topicOf[logType], lane, entries))
    world.history.absorb(lane, { at: world.timeline.now, process: "producer", claim: null, lastClaim: 0 })
  }

  #entry(tailnet: string, logType: LogType): Entry {
    const { dice, timeline } = this.#world
    const id = `r${++this.#made}x`
    if (this.#poison !== null && dice.chance(this.#poison.share)) {
      return { key: tailnet, value: poisonValue(dice, id, { at: timeline.now, logType, largest: this.#poison.bytes }) }
    }
    if (this.#plain) return { key: tailnet, value: plainValue(id, { at: timeline.now, logType }).bytes }
    const value = recordValue(dice, id, { at: timeline.now, logType })
    if (!value.valid) this.#world.fault("malformed record", id)
    const kind = dice.weighted({ spread: 0.1, keyless: 0.02, unknown: 0.02 }, "plain")
    if (kind === "keyless") this.#world.fault("record without a key", id)
    if (kind === "unknown") this.#world.fault("record of an unknown tailnet", id)
    const key = {
      spread: `${tailnet}/node-${dice.int(1, 9)}`,
      keyless: null,
      unknown: "nobody.example",
      plain: tailnet
    }
    return { key: key[kind], value: value.bytes }
  }
}
