/** A tailnet's past, read again from the control log: for questions that are rare. The present is in `ControlLog`. */
import { Tailnet, type TailnetName, type TailnetState } from "@tailrace/domain"
import { type Chunk, laneOf, Log, type LogError, recordsOf } from "@tailrace/log"
import { Effect, Result, Stream } from "effect"
import { decodeControlRecord, type UnknownControlRecord } from "./ControlCodec.ts"

/** A record that the fold has taken, and the tailnet right after it. */
export interface Past extends Tailnet.Taken {
  readonly state: TailnetState
}

/** Folds the chunks of one lane for one tailnet; each record that counts comes out. */
const makeReplay = (tailnet: TailnetName) => {
  let fold: Tailnet.TailnetFold | undefined
  return (chunk: Chunk): Result.Result<ReadonlyArray<Past>, UnknownControlRecord> => {
    const past: Array<Past> = []
    for (const logRecord of recordsOf(chunk).filter(({ key }) => key === tailnet)) {
      const decoded = decodeControlRecord(chunk.lane, logRecord)
      if (Result.isFailure(decoded)) return Result.fail(decoded.failure)
      const taken = { record: decoded.success, lane: chunk.lane, offset: logRecord.offset }
      const after = Tailnet.take(fold, taken)
      if (after === undefined) continue
      fold = after
      past.push({ ...taken, state: after.state })
    }
    return Result.succeed(past)
  }
}

/**
 * Every record of the tailnet that counts, oldest first, each with the tailnet right after it; ends where the lane
 * ended when it was called. Memory does not grow with the history.
 */
export const historyOf = (
  tailnet: TailnetName
): Stream.Stream<Past, LogError | UnknownControlRecord, Log> =>
  Stream.unwrap(Effect.gen(function*() {
    const log = yield* Log
    const lane = laneOf(tailnet, log.lanes)
    const { earliest, next } = yield* log.bounds("control", lane)
    if (next === earliest) return Stream.empty
    const replay = makeReplay(tailnet)
    return log.follow("control", lane, 0).pipe(
      Stream.takeUntil((chunk) => chunk.next >= next),
      Stream.mapEffect((chunk) => Effect.fromResult(replay(chunk))),
      Stream.flattenIterable
    )
  }))
