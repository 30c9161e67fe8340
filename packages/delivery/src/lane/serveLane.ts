/**
 * Serving one lane under one claim: DESIGN's rule 1. Claim, learn what control and ledger say, commit once, and only
 * then read and send. Runs until the lane is fenced, fails, or is taken away.
 */
import type { Positions, TailnetName } from "@tailrace/domain"
import { type Fenced, type Lane, laneOf, LaneReplaced, Log, type LogError } from "@tailrace/log"
import { Clock, Deferred, Effect, Scope } from "effect"
import type { DeliveryProcess } from "../Delivery.ts"
import { Activator } from "../leg/Activator.ts"
import { Leg, type LegServices } from "../leg/Leg.ts"
import { makeTests } from "../leg/testing.ts"
import { catchUp } from "../read/CatchUp.ts"
import { LaneTopic, type Reading } from "../read/LaneTopic.ts"
import { liveReader } from "../read/LiveReader.ts"
import { makeStrays } from "../read/Strays.ts"
import { auditProjector } from "./AuditProjector.ts"
import { RuleBook } from "../ruling/RuleBook.ts"
import { LaneLegs } from "./LaneLegs.ts"
import { type LaneLedger, makeLaneLedger } from "./LaneLedger.ts"
import { observeLane } from "./observeLane.ts"
import { foldLedger, readPositions } from "./snapshot.ts"
import { makeSnapshots, type Snapshots } from "./writeSnapshots.ts"

type LaneError = Fenced | LogError

/** Runs something for as long as the lane is served; if it ends badly, so does the lane. */
type Background = (effect: Effect.Effect<unknown, LaneError, Log>) => Effect.Effect<void>

/** A lane that is claimed, and what was known of it then. */
interface Claimed {
  readonly lane: Lane
  readonly lanes: number
  readonly positions: Positions
  readonly ledger: LaneLedger
  readonly activator: Activator
  readonly scope: Scope.Scope
  readonly shared: DeliveryProcess
}

interface Topics {
  readonly audit: LaneTopic
  readonly flow: LaneTopic
}

/** A lane that was cut off or made anew, and has grown again, looks healthy: only what was read last tells. */
const recognize = Effect.fnUntraced(function*(lane: Lane, { marks }: Positions) {
  const log = yield* Log
  for (const topic of ["audit", "flow"] as const) {
    const recognition = yield* log.recognizes(topic, lane, marks[topic])
    if (recognition === "other") return yield* new LaneReplaced({ topic, lane })
    if (recognition === "gone") {
      yield* Effect.logWarning(`${topic}/${lane} cannot be verified: what was read has expired`)
    }
  }
})

/** Claims the lane and folds what is known of it; nothing that was folded counts before the first commit. */
const claim = Effect.fnUntraced(function*(lane: Lane, shared: DeliveryProcess) {
  const log = yield* Log
  const writer = yield* log.claim(lane)
  yield* shared.control.caughtUp
  const { next } = yield* log.bounds("ledger", lane)
  const positions = yield* readPositions(lane)
  yield* recognize(lane, positions)
  const ledger = yield* makeLaneLedger(writer, yield* foldLedger(lane, positions, next))
  // Closes after the fibers of legs have ended: nobody sends with a receiver that is closed.
  const scope = yield* Scope.fork(yield* Effect.scope)
  const activator = yield* Activator.make
  return { lane, lanes: log.lanes, positions, ledger, activator, scope, shared }
})

const makeLegs = (claimed: Claimed, topics: Topics) => {
  const { activator, lane, lanes, ledger, positions, scope, shared } = claimed
  const shareOf = (tailnet: string) => ({ n: (lane - laneOf(tailnet, lanes) + lanes) % lanes, of: lanes })
  const services: LegServices = {
    ...shared,
    lane,
    ledger,
    claim: ledger.state.next,
    scope,
    rules: new RuleBook(shared.secrets),
    shareOf,
    isHome: (tailnet) => shareOf(tailnet).n === 0,
    activate: (leg) => activator.activate(leg),
    run: (effect) => activator.run(effect),
    closed: (leg) => {
      legs.remove(leg)
      legs.syncAll()
    }
  }
  const legs = new LaneLegs({
    positions,
    state: ledger.state,
    topics,
    services,
    tailnets: () => shared.control.tailnets()
  })
  return legs
}

/** Brings the legs up to date with what changed, and begins the tests that were asked for. */
const followControl = Effect.fnUntraced(function*(claimed: Claimed, legs: LaneLegs) {
  const { activator, shared: { control } } = claimed
  const testFor = makeTests()
  const changes = yield* control.changes
  // An iterator runs once only: it is taken anew each time.
  const begin = Effect.suspend(() =>
    Effect.forEach(legs.legs.values(), (leg) => activator.run(testFor(leg) ?? Effect.void))
  )

  const sync = (names: ReadonlySet<TailnetName>) =>
    Effect.suspend(() => {
      for (const name of names) {
        const tailnet = control.tailnet(name)
        if (tailnet !== undefined) legs.sync(tailnet)
      }
      return begin
    })
  legs.syncAll()
  return begin.pipe(Effect.andThen(Effect.forever(Effect.flatMap(changes.take, sync))))
})

const wakeExpired = (reading: Reading): void => {
  if (reading instanceof Leg) reading.wake()
}

const startReaders = Effect.fnUntraced(function*(claimed: Claimed, topics: Topics, background: Background) {
  const { ledger, shared: { control, limits, memory } } = claimed
  const names = () => new Set<string>(Array.from(control.tailnets(), ({ name }) => name))
  let known = names()
  const strays = makeStrays({
    ledger,
    isKnown: (name) => known.has(name),
    caughtUp: Effect.tap(control.caughtUp, () => Effect.sync(() => void (known = names())))
  })
  for (const topic of [topics.audit, topics.flow]) {
    yield* background(liveReader({ topic, memory, strays, recordBytes: limits.recordBytes, expired: wakeExpired }))
    yield* background(catchUp({ topic, memory, limits, expired: wakeExpired }))
  }
})

/** An orderly stop of the process: requests under way may finish, and the lane's place is noted. */
const drain = Effect.fnUntraced(function*({ activator, shared }: Claimed, legs: LaneLegs, snapshots: Snapshots) {
  if (!shared.isStopping()) return
  for (const leg of legs.legs.values()) {
    leg.draining = true
    if (leg.running) leg.wake()
  }
  yield* activator.atRest(shared.limits.drainMillis)
  yield* snapshots.write.pipe(Effect.timeoutOption(shared.limits.drainMillis), Effect.interruptible)
})

/**
 * A reader has noticed that what it read stands there no more. Only this process knows of it: the snapshot now names
 * what was read, so that whoever claims the lane finds it replaced, even when it has grown again by then.
 */
const noteReplaced = Effect.fnUntraced(
  function*({ positions, shared }: Claimed, topics: Topics, write: Snapshots["write"]) {
    const { audit, flow } = positions.marks
    if (topics.audit.mark === audit && topics.flow.mark === flow) return
    yield* Effect.timeoutOption(write, shared.limits.drainMillis)
  }
)

/** After the first commit: everything that goes on in a lane. Answers what to do when its topic proves replaced. */
const start = Effect.fnUntraced(function*(claimed: Claimed, background: Background) {
  const { activator, lane, ledger, positions, shared } = claimed
  const topics = {
    audit: new LaneTopic(lane, "audit", { next: positions.done.audit, mark: positions.marks.audit }),
    flow: new LaneTopic(lane, "flow", { next: positions.done.flow, mark: positions.marks.flow })
  }
  const legs = makeLegs(claimed, topics)
  const { control, limits } = shared
  const snapshots = makeSnapshots({ lane, lanes: claimed.lanes, ledger, legs, topics, control, limits })
  yield* Effect.addFinalizer(() => Effect.sync(() => legs.clear()))
  yield* background(activator.start)
  yield* background(activator.failed)
  yield* background(yield* followControl(claimed, legs))
  yield* background(auditProjector(lane, ledger))
  yield* startReaders(claimed, topics, background)
  yield* background(snapshots.run)
  yield* background(observeLane(lane, legs, [topics.audit, topics.flow]))
  yield* Effect.addFinalizer(() => drain(claimed, legs, snapshots))
  return { replaced: noteReplaced(claimed, topics, snapshots.write) }
})

/** Returns only by failing. */
export const serveLane = Effect.fnUntraced(function*(lane: Lane, shared: DeliveryProcess) {
  const failure = yield* Deferred.make<never, LaneError>()
  const log = yield* Log
  const scope = yield* Effect.scope
  const background: Background = (effect) =>
    effect.pipe(
      Effect.catchCause((cause) => Deferred.failCause(failure, cause)),
      Effect.provideService(Log, log),
      Effect.forkIn(scope),
      Effect.asVoid
    )
  const claimed = yield* claim(lane, shared)
  yield* background(claimed.ledger.run)
  const at = yield* Clock.currentTimeMillis
  yield* Effect.raceFirst(
    claimed.ledger.commit([{ _tag: "LaneClaimed", process: shared.name, at }]),
    Deferred.await(failure)
  )
  const { replaced } = yield* start(claimed, background)
  shared.setState(lane, "serving")
  return yield* Effect.tapErrorTag(Deferred.await(failure), "OffsetBeyondEnd", () => replaced)
})
