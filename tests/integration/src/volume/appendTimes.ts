/** When each tailnet's records were appended, by lane: columns only, because there are a million of them. */
import { tailnetOfKey } from "@tailrace/domain"
import { type Chunk, type Lane, Log } from "@tailrace/log"
import { Effect, Stream } from "effect"

/** Of one tailnet on one lane, in order of their offsets; times are epoch milliseconds. */
export interface Appends {
  readonly offsets: Array<number>
  readonly times: Array<number>
}

export type LaneAppends = ReadonlyMap<string, Appends>

const take = (appends: Map<string, Appends>, chunk: Chunk): void => {
  const ofKey = chunk.keys.map((key) => {
    const tailnet = tailnetOfKey(key ?? "")
    const known = appends.get(tailnet) ?? { offsets: [], times: [] }
    appends.set(tailnet, known)
    return known
  })
  for (let index = 0; index < chunk.count; index++) {
    const own = ofKey[chunk.keyOf[index] ?? 0]
    own?.offsets.push(chunk.offsets[index] ?? 0)
    own?.times.push(chunk.times[index] ?? 0)
  }
}

const readLane = Effect.fnUntraced(function*(lane: Lane) {
  const log = yield* Log
  const { earliest, next } = yield* log.bounds("flow", lane)
  const appends = new Map<string, Appends>()
  if (earliest === next) return appends
  yield* log.follow("flow", lane, earliest).pipe(
    Stream.tap((chunk) => Effect.sync(() => take(appends, chunk))),
    Stream.takeUntil((chunk) => chunk.next >= next),
    Stream.runDrain
  )
  return appends
})

/** One map of tailnets for each lane. */
export const readAppends: Effect.Effect<ReadonlyArray<LaneAppends>, never, Log> = Effect.gen(function*() {
  const { lanes } = yield* Log
  return yield* Effect.forEach(Array.from({ length: lanes }, (_, lane) => lane), readLane)
}).pipe(Effect.orDie)

/** Place of the first offset at or after `from`; the length, if there is none. */
export const indexFrom = ({ offsets }: Appends, from: number): number => {
  let low = 0
  let high = offsets.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((offsets[middle] ?? Infinity) >= from) high = middle
    else low = middle + 1
  }
  return low
}
