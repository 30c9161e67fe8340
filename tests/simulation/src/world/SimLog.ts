/** The log port as one simulated process sees it: the memory log behind calls that may be late or lost. */
import {
  type Chunk,
  type Entry,
  type Fenced,
  type Lane,
  type LaneEntry,
  type LaneWriter,
  Log,
  type LogError,
  LogUnavailable,
  type Topic
} from "@tailrace/log"
import { Effect, Exit, Scope, Stream } from "effect"
import type { Process } from "../engine/Process.ts"
import { textOf } from "./History.ts"
import type { Ownership } from "./Ownership.ts"
import { callThrough } from "./Wire.ts"
import type { World } from "./World.ts"

const lost = (reason: string): LogError => new LogUnavailable({ reason })

const tagOf = (value: Uint8Array | null): string => /"_tag":"(\w+)"/.exec(textOf(value))?.[1] ?? "?"

const destinationOf = (entries: ReadonlyArray<LaneEntry>): string | undefined =>
  entries.find((entry) => entry.topic === "ledger" && entry.key?.startsWith("dst_"))?.key ?? undefined

/** For example `commit BatchDelivered quarantine`: what a commit is about, for the plan and the trace. */
const commitName = (entries: ReadonlyArray<LaneEntry>): string => {
  const parts = entries.map((entry) => entry.topic === "ledger" ? tagOf(entry.value) : entry.topic)
  return `commit ${[...new Set(parts)].join(" ")}`
}

const absorbing = <A, E>(
  world: World,
  effect: Effect.Effect<A, E>,
  by: { readonly process: Process; readonly lane: Lane; readonly claim: number | null }
): Effect.Effect<A, E> =>
  Effect.tap(effect, () =>
    Effect.sync(() => {
      const lastClaim = world.claims[by.lane] ?? 0
      world.history.absorb(by.lane, { at: world.timeline.now, process: by.process.name, claim: by.claim, lastClaim })
    }))

/**
 * A commit that its sender has given up arrives. It takes effect if nobody has claimed the lane since: the next claim
 * reads it. After a later claim it never may.
 */
const lateCommit = (
  world: World,
  { claim, commit, lane }: {
    readonly claim: number
    readonly lane: Lane
    readonly commit: Effect.Effect<unknown, Fenced | LogError>
  }
): Effect.Effect<void> =>
  Effect.suspend(() => {
    const isFenced = world.claims[lane] !== claim
    return Effect.match(commit, {
      onSuccess: () => {
        if (isFenced) world.violate(`a commit under claim ${claim} of lane ${lane} took effect after a later claim`)
        world.fault("commit took effect after it was given up", `lane ${lane}`)
      },
      onFailure: (error) => {
        if (error._tag === "Fenced" && isFenced) world.fault("commit arrived after a later claim", `lane ${lane}`)
      }
    })
  })

const writerOf = (
  world: World,
  process: Process,
  { claim, inner }: { readonly claim: number; readonly inner: LaneWriter }
): LaneWriter => {
  let busy = false
  let ended = false
  const { lane } = inner
  const served = (entries: ReadonlyArray<LaneEntry>) =>
    absorbing(world, inner.commit(entries), { process, lane, claim }).pipe(
      Effect.tapError((error) => Effect.sync(() => error._tag === "Fenced" && world.fault("commit of a zombie")))
    )
  const commit = (entries: ReadonlyArray<LaneEntry>): Effect.Effect<ReadonlyMap<Topic, number>, Fenced | LogError> =>
    Effect.suspend(() => {
      if (busy) world.violate(`${process.name} commits on lane ${lane} while another commit is under way`)
      if (ended) world.violate(`${process.name} commits on lane ${lane} after one of unknown outcome`)
      busy = true
      const copies = entries.map((entry) => ({ ...entry, value: entry.value?.slice() ?? null }))
      return Effect.uninterruptible(callThrough<ReadonlyMap<Topic, number>, Fenced | LogError>(world, {
        process,
        name: commitName(copies),
        kind: "commit",
        lane,
        destination: destinationOf(copies),
        serve: served(copies),
        serveLate: lateCommit(world, { claim, lane, commit: served(copies) }),
        lost
      })).pipe(
        Effect.tapError(({ _tag }) =>
          Effect.sync(() => {
            ended = _tag !== "Fenced"
          })
        ),
        Effect.ensuring(Effect.sync(() => {
          busy = false
        }))
      )
    })
  return { lane, commit }
}

const claim = (world: World, process: Process, lane: Lane) =>
  Effect.gen(function*() {
    // Never closed: giving a writer back calls back nothing that is under way; what ends it is a later claim.
    const scope = yield* Scope.make()
    const serve = Scope.provide(world.memory.log.claim(lane), scope).pipe(Effect.map((inner) => {
      const number = (world.claims[lane] ?? 0) + 1
      world.claims[lane] = number
      world.claimers[lane] = process.name
      world.claimOf.set(`${process.name}/${lane}`, number)
      world.claimedAt.set(`${lane}/${number}`, world.timeline.now)
      return writerOf(world, process, { claim: number, inner })
    }))
    return yield* callThrough<LaneWriter, LogError>(world, {
      process,
      name: `claim ${lane}`,
      kind: "claim",
      lane,
      serve,
      lost
    })
  })

const countRead = (world: World, chunk: Chunk): void => {
  const name = `${chunk.topic}/${chunk.lane}`
  const known = world.reads.get(name) ?? { records: 0, bytes: 0 }
  known.records += chunk.count
  for (let index = 0; index < chunk.count; index++) known.bytes += Math.max(0, chunk.lengths[index] ?? 0)
  world.reads.set(name, known)
  if (chunk.count === 0) world.fault("marker-only tail")
}

const follow = (
  world: World,
  process: Process,
  { from, lane, topic }: { readonly topic: Topic; readonly lane: Lane; readonly from: number }
): Stream.Stream<Chunk, LogError> =>
  Stream.unwrap(Effect.gen(function*() {
    const scope = yield* Scope.make()
    const close = () => void world.server.fork(Scope.close(scope, Exit.void))
    process.atDeath(close)
    yield* Effect.addFinalizer(() => Effect.sync(() => process.alive && close()))
    const pull = yield* callThrough(world, {
      process,
      name: `follow ${topic}`,
      kind: "follow",
      lane,
      serve: Scope.provide(Stream.toPull(world.memory.log.follow(topic, lane, from)), scope)
    })
    const lag = topic === "control" && world.weather.controlLag > 0
    const slowly = Effect.suspend(() => world.server.sleep(world.pullMillis))
    const counted = Effect.tap(pull, ([chunk]) => Effect.sync(() => countRead(world, chunk)))
    const serve = world.pullMillis > 0 ? Effect.andThen(slowly, counted) : counted
    const next = callThrough(world, { process, name: `pull ${topic}`, kind: "follow", lane, serve, lost })
    const lagging = Effect.tap(next, () => {
      const millis = world.dice.next() * world.weather.controlLag
      if (millis > 5_000) world.fault("control follower lags")
      return process.sleep(millis)
    })
    return Stream.fromPull(Effect.succeed(lag ? lagging : next))
  }))

/** The log of one process; `ownership` says which lanes it is to serve. */
export const simLog = (world: World, process: Process, ownership: Ownership): Log["Service"] => {
  const { log } = world.memory
  const call = <A>(kind: string, name: string, { lane, serve }: { lane: Lane; serve: Effect.Effect<A, LogError> }) =>
    callThrough<A, LogError>(world, { process, name, kind, lane, serve, lost })
  return Log.of({
    lanes: log.lanes,
    retentionMillis: log.retentionMillis,
    append: (topic: Topic, lane: Lane, entries: ReadonlyArray<Entry>) =>
      call("append", `append ${topic}`, {
        lane,
        serve: absorbing(world, log.append(topic, lane, entries), { process, lane, claim: null })
      }),
    follow: (topic, lane, from) => follow(world, process, { topic, lane, from }),
    bounds: (topic, lane) => call("bounds", `bounds ${topic}`, { lane, serve: log.bounds(topic, lane) }),
    offsetAt: (topic, lane, time) =>
      call("offsetAt", `offsetAt ${topic}`, { lane, serve: log.offsetAt(topic, lane, time) }),
    recognizes: (topic, lane, mark) =>
      call("recognizes", `recognizes ${topic}`, { lane, serve: log.recognizes(topic, lane, mark) }),
    owned: () => ownership.stream(process),
    claim: (lane) => claim(world, process, lane)
  })
}
