/**
 * A world without faults for scenarios of their own: processes under test, a desk, and time that goes when told. The
 * processes start with `fleet.start`.
 */
import { type Codec, type DestinationConfig, DestinationId, type LogType } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { Effect, Layer } from "effect"
import { check, type Violation } from "../check/check.ts"
import { storeConfig } from "../world/Configs.ts"
import { Desk, type Wanted } from "../world/Desk.ts"
import { Fleet } from "../world/Fleet.ts"
import { Producers } from "../world/Producers.ts"
import { World } from "../world/World.ts"
import { realDelivery } from "./realDelivery.ts"
import { leastLegBytes } from "./simulate.ts"
import type { SmallLimits } from "./Scenario.ts"

export interface StageOptions {
  readonly limits: SmallLimits
  readonly processes: number
  readonly lanes: number
  /** What one read may bring beyond the bound of windows, in bytes: a first page for each leg that it feeds. */
  readonly oneReadBytes: number
  /** Legs to receivers; none: 0. */
  readonly receiverLegs?: number
}

export interface NewDestination {
  readonly id: string
  readonly tailnet: string
  readonly logType: LogType
  readonly periodSeconds: number
  readonly codec: Codec
  /** None: a bucket of its own. */
  readonly config?: DestinationConfig
}

/** How long something that must end may take, in simulated milliseconds. */
const patience = 3_600_000

export class Stage {
  readonly world: World
  readonly fleet: Fleet
  readonly desk: Desk
  readonly producers: Producers

  constructor(options: StageOptions) {
    const { lanes, limits, oneReadBytes, processes } = options
    const limitBytes = limits.windowsBytes + oneReadBytes
    const gatheredLimitBytes = limits.receiversBytes + (options.receiverLegs ?? 0) * leastLegBytes + oneReadBytes
    const world = new World({ seed: 1, lanes, markerOffsets: 1, keepTrace: false })
    this.world = world
    this.fleet = new Fleet(world, {
      size: processes,
      delivery: (name) =>
        realDelivery({
          name,
          limits,
          visited: (state) => world.coverage.hit(`state: ${state}`),
          started: (memory) => void world.memoryGauges.push({ limitBytes, gatheredLimitBytes, memory })
        }),
      control: Layer.fresh(ControlLog.layer),
      wraps: {}
    })
    this.desk = new Desk(world, this.fleet)
    this.producers = new Producers(world, true)
  }

  /** Runs an effect of the desk to its end; time goes on as it needs. */
  do(effect: Effect.Effect<void>): void {
    const fiber = this.world.server.fork(effect)
    const until = this.world.timeline.now + patience
    const ended = this.world.timeline.run(until, () => fiber.pollUnsafe() !== undefined)
    if (ended !== "done") throw new Error(`did not end within ${patience} ms`)
  }

  /** Lets time go on. */
  wait(millis: number): void {
    const { timeline } = this.world
    timeline.run(timeline.now + millis, () => false)
  }

  create({ codec, config, id, logType, periodSeconds, tailnet }: NewDestination): Effect.Effect<void> {
    return this.desk.create({
      id: DestinationId.make(id),
      tailnet,
      logType,
      config: config ?? storeConfig("one", `${id}/`),
      upload: { periodMinutes: 1, periodSeconds, codec, keyLayout: "documented", emptyWindows: "none" }
    })
  }

  destination(id: string): Wanted {
    const found = this.desk.destinations.find((wanted) => wanted.id === id)
    if (found === undefined) throw new Error(`no destination ${id}`)
    return found
  }

  /** Bytes that were read from a topic so far. */
  bytesRead(topic: "audit" | "flow", lane: number): number {
    return this.world.reads.get(`${topic}/${lane}`)?.bytes ?? 0
  }

  verdict(): ReadonlyArray<Violation> {
    return check(this.world, null)
  }
}
