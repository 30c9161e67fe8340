/**
 * Delivery: serves the lanes that this process owns, each by its own claim. It calls nobody and is called by nobody;
 * what it shall do stands in the control log, what it did in the ledger.
 */
import { ObjectStores, Receivers } from "@tailrace/destinations"
import { ControlLog, Secrets } from "@tailrace/event-store"
import { type Lane, Log } from "@tailrace/log"
import { Cause, Context, Effect, FiberMap, Layer, Metric, Schedule, Scope, Stream } from "effect"
import { Compression } from "./Compression.ts"
import { Bodies } from "./gather/Bodies.ts"
import { Budget } from "./gather/Budget.ts"
import { type Framer, makeFramer } from "./gather/Framer.ts"
import { Memory } from "./gather/Memory.ts"
import { serveLane } from "./lane/serveLane.ts"
import { LegObserver, type LegVisits } from "./LegObserver.ts"
import { DeliveryLimits, type Limits } from "./Limits.ts"
import * as Metrics from "./Metrics.ts"
import { Requests } from "./receiving/Requests.ts"
import { Spool } from "./Spool.ts"

/** What all lanes of a process share. */
export interface DeliveryProcess {
  readonly name: string
  readonly limits: Limits
  readonly memory: Memory
  readonly framer: Framer
  readonly bodies: Bodies
  readonly stores: ObjectStores["Service"]
  readonly receivers: Receivers["Service"]
  readonly requests: Requests
  readonly secrets: Secrets["Service"]
  readonly control: ControlLog["Service"]
  readonly observer: LegVisits
  readonly setState: (lane: Lane, state: string | null) => void
  /** The whole process stops, in order: lanes may finish what is under way. */
  readonly isStopping: () => boolean
}

export interface HeldMemory {
  readonly usedBytes: number
  readonly highestBytes: number
  readonly gatheredBytes: number
  readonly mostGatheredBytes: number
}

/** The consumer group of all delivery processes. */
const group = "delivery"

export class Delivery extends Context.Service<Delivery, {
  /** Lanes that this process should serve: `serving`, or what keeps it from that. */
  readonly lanes: Effect.Effect<ReadonlyMap<Lane, string>>
  /** Bytes that open windows and records gathered for receivers hold, and the most they ever held. */
  readonly memory: Effect.Effect<HeldMemory>
}>()("@tailrace/delivery/Delivery") {
  /**
   * Runs until its scope closes; then it drains: requests under way may finish, within `drainMillis`.
   *
   * @param options.name names the process in the ledger
   */
  static readonly layer = (options: { readonly name: string }) =>
    Layer.effect(
      Delivery,
      Effect.gen(function*() {
        const limits = yield* DeliveryLimits
        const states = new Map<Lane, string>()
        let stopping = false
        const framer = yield* makeFramer
        const memory = new Memory(new Budget(limits.windowsBytes), yield* Spool, framer)
        const requests = new Requests(limits, yield* Compression)
        const setState = (lane: Lane, state: string | null) =>
          void (state === null ? states.delete(lane) : states.set(lane, state))
        const shared: DeliveryProcess = {
          name: options.name,
          limits,
          memory,
          framer,
          bodies: new Bodies(limits.bodiesBytes),
          stores: yield* ObjectStores,
          receivers: yield* Receivers,
          requests,
          secrets: yield* Secrets,
          control: yield* ControlLog,
          observer: yield* LegObserver,
          setState,
          isStopping: () => stopping
        }
        yield* serveOwned(shared)
        yield* observeMemory(memory, requests)
        yield* Effect.addFinalizer(() => Effect.sync(() => void (stopping = true)))
        return Delivery.of({
          lanes: Effect.sync(() => new Map(states)),
          memory: Effect.sync(() => ({
            usedBytes: memory.budget.usedBytes,
            highestBytes: memory.budget.highestBytes,
            gatheredBytes: requests.budget.usedBytes,
            mostGatheredBytes: requests.budget.highestBytes
          }))
        })
      })
    )
}

/** Claims a lane again and again as long as it is ours; a lane that fails is told about and tried anew. */
const keepServing = (lane: Lane, shared: DeliveryProcess) =>
  serveLane(lane, shared).pipe(
    Effect.scoped,
    Effect.catchCause((cause) => {
      if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
      const reason = Cause.squash(cause)
      const message = reason instanceof Error ? reason.message : String(reason)
      shared.setState(lane, message)
      return Effect.logWarning(`lane ${lane} stopped: ${message}`)
    }),
    Effect.andThen(Effect.sleep(shared.limits.reclaimMillis)),
    Effect.forever,
    Effect.ensuring(Effect.sync(() => shared.setState(lane, null)))
  )

const observeMemory = (memory: Memory, requests: Requests) =>
  Effect.suspend(() => Metric.update(Metrics.windowBytes, memory.budget.usedBytes)).pipe(
    Effect.andThen(Effect.suspend(() => Metric.update(Metrics.gatheredBytes, requests.budget.usedBytes))),
    Effect.repeat(Schedule.spaced("5 seconds")),
    Effect.forkScoped
  )

/** Lanes drain while they are still ours: ownership is given back last. */
const serveOwned = Effect.fnUntraced(function*(shared: DeliveryProcess) {
  const log = yield* Log
  const ownership = yield* Scope.fork(yield* Effect.scope)
  const lanes = yield* FiberMap.make<Lane, never, never>()
  yield* log.owned(group).pipe(
    Stream.runForEach(({ gained, lost }) =>
      Effect.gen(function*() {
        yield* Effect.forEach(lost, (lane) => FiberMap.remove(lanes, lane), { discard: true })
        for (const lane of gained) {
          shared.setState(lane, "claiming")
          yield* FiberMap.run(lanes, lane, keepServing(lane, shared), { onlyIfMissing: true })
        }
        yield* Metric.update(Metrics.servedLanes, yield* FiberMap.size(lanes))
      })
    ),
    Scope.provide(ownership),
    Effect.catch((error) => Effect.logError(`which lanes to serve is not known: ${error.message}`)),
    Effect.andThen(Effect.sleep(shared.limits.reclaimMillis)),
    Effect.forever,
    Effect.forkScoped
  )
})
