/** Merges lanes by time of logging. Holds one batch of each lane and nothing else. */
import { Array as Arr, Cause, Effect, Pull, Stream } from "effect"
import type { LoggedLine } from "./LoggedLine.ts"

interface Head<E> {
  readonly pull: Pull.Pull<Arr.NonEmptyReadonlyArray<LoggedLine>, E>
  /** Undefined: the lane has ended. */
  lines: ReadonlyArray<LoggedLine> | undefined
  index: number
}

const refill = <E>(head: Head<E>): Effect.Effect<void, E> => {
  if (head.lines === undefined || head.index < head.lines.length) return Effect.void
  return head.pull.pipe(
    Effect.map((lines) => {
      head.lines = lines
      head.index = 0
    }),
    Pull.catchDone(() => Effect.sync(() => void (head.lines = undefined)))
  )
}

const timeOf = <E>(head: Head<E>): bigint | undefined => head.lines?.[head.index]?.logged

/** The lane whose next line is the oldest, and the next line of the others: up to there its lines may go out. */
const oldest = <E>(heads: ReadonlyArray<Head<E>>) => {
  let first: Head<E> | undefined
  let limit: bigint | undefined
  for (const head of heads) {
    const time = timeOf(head)
    if (time === undefined) continue
    const best = first === undefined ? undefined : timeOf(first)
    if (best === undefined || time < best) {
      limit = best
      first = head
    } else if (limit === undefined || time < limit) limit = time
  }
  return { first, limit }
}

const takeRun = <E>({ index, lines = [] }: Head<E>, limit: bigint | undefined): ReadonlyArray<LoggedLine> => {
  const end = limit === undefined ? -1 : lines.findIndex(({ logged }, at) => at > index && logged > limit)
  return lines.slice(index, end < 0 ? undefined : end)
}

const nextRun = <E>(heads: ReadonlyArray<Head<E>>) =>
  Effect.gen(function*() {
    yield* Effect.forEach(heads, refill, { concurrency: "unbounded", discard: true })
    const { first, limit } = oldest(heads)
    const run = first === undefined ? [] : takeRun(first, limit)
    if (first === undefined || !Arr.isReadonlyArrayNonEmpty(run)) return yield* Cause.done()
    first.index += run.length
    return run
  })

/** Each stream's own order is kept; among them the older line goes first. */
export const mergeLanes = <E>(
  lanes: ReadonlyArray<Stream.Stream<LoggedLine, E>>
): Stream.Stream<LoggedLine, E> =>
  Stream.unwrap(Effect.map(
    Effect.forEach(lanes, (lane) => Stream.toPull(lane)),
    (pulls) => {
      const heads = pulls.map((pull): Head<E> => ({ pull, lines: [], index: 0 }))
      return Stream.fromPull(Effect.succeed(nextRun(heads)))
    }
  ))
