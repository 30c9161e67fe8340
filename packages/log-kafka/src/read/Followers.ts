/**
 * `follow` on Kafka: Fetch requests shared by all followers of this process, one loop a broker and purpose.
 *
 * A new follower of `audit` or `flow` may wait for the end of a long poll (500 ms), one of the other topics for 50 ms;
 * a follower that comes back waits for at most a quarter of the time that it was away (see `Round.ts`).
 */
import { type Chunk, type Lane, type LogError, LogUnavailable, type Offset, type Topic } from "@tailrace/log"
import { Cause, Effect, Exit, Option, type Scope, Stream } from "effect"
import type { Reach } from "../topics/Command.ts"
import { Fetcher, type FetcherOptions } from "./Fetcher.ts"
import { Follower } from "./Follower.ts"
import { type BrokerFetchers, keepPlaced, type PlacementOptions } from "./Placement.ts"

export interface FollowersOptions extends Omit<PlacementOptions, "fetchersOf"> {
  readonly options: Reach
}

/** As the port's `follow`. Fails where the cluster does not answer when it begins; later it waits for the cluster. */
export type Follow = (topic: Topic, lane: Lane, from: Offset) => Stream.Stream<Chunk, LogError>

const closed = new LogUnavailable({ reason: "it was closed" })

const failureOf = (exit: Exit.Exit<never, LogError>): LogError =>
  Option.getOrElse(
    Exit.isFailure(exit) ? Cause.findErrorOption(exit.cause) : Option.none(),
    () => closed
  )

/** Loops of fetchers live in the scope; with no follower they do nothing. */
const makeFetchers = ({ cluster, options }: FollowersOptions, broker: number, scope: Scope.Scope) => {
  const common: Omit<FetcherOptions, "purpose"> = { cluster, broker, reach: options }
  const catchUp = new Fetcher({ ...common, purpose: "catchUp" })
  const records = new Fetcher({ ...common, purpose: "records", catchUp })
  const events = new Fetcher({ ...common, purpose: "events", catchUp })
  const start = (fetcher: Fetcher) =>
    fetcher.run.pipe(
      Effect.onExit(() => Effect.sync(() => fetcher.failAll(closed))),
      Effect.forkIn(scope)
    )
  return Effect.as(Effect.forEach([catchUp, records, events], start), { catchUp, records, events })
}

/** The fetchers of each broker, made when they are needed first. */
const makeFetchersOf = (deps: FollowersOptions, scope: Scope.Scope): PlacementOptions["fetchersOf"] => {
  const all = new Map<number, BrokerFetchers>()
  return (broker) =>
    Effect.suspend(() => {
      const there = all.get(broker)
      if (there !== undefined) return Effect.succeed(there)
      return Effect.map(makeFetchers(deps, broker, scope), (made) => {
        all.set(broker, made)
        return made
      })
    }).pipe(Effect.uninterruptible)
}

/** The fetch loops live in the scope. A follower that begins asks for bounds, one to be verified for recognition. */
export const makeFollowers = Effect.fnUntraced(function*(deps: FollowersOptions) {
  const placement = { ...deps, fetchersOf: makeFetchersOf(deps, yield* Effect.scope) }
  const open = Effect.fnUntraced(function*(follower: Follower) {
    yield* Effect.addFinalizer(() => Effect.sync(() => follower.close()))
    yield* keepPlaced(placement, follower).pipe(
      Effect.onExit((exit) => Effect.sync(() => follower.fail(failureOf(exit)))),
      Effect.forkScoped({ startImmediately: true })
    )
    return Stream.fromPull(Effect.succeed(follower.pull))
  })
  const follow: Follow = (topic, lane, from) =>
    Stream.unwrap(Effect.suspend(() => open(new Follower({ topic, lane, from }))))
  return follow
})
