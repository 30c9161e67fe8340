/**
 * `startAt` of a new destination as offsets of every lane, read before the event is appended: what comes later is never
 * missed.
 */
import { type ApiError, BadRequest } from "@tailrace/api"
import { type LogType, type Start, topicOf } from "@tailrace/domain"
import type { Lane, Log, Offset } from "@tailrace/log"
import { Effect, Option } from "effect"
import { answerOf } from "../command/ApiAnswer.ts"
import { millisOf, parseNanos } from "../Time.ts"

type LogPort = Log["Service"]

const lanesOf = ({ lanes }: LogPort) => Array.from({ length: lanes }, (_, lane) => lane)

const earliest = (log: LogPort, logType: LogType) => (lane: Lane) =>
  Effect.map(log.bounds(topicOf[logType], lane), (bounds): Offset => bounds.earliest)

const now = (log: LogPort, logType: LogType) => (lane: Lane) =>
  Effect.map(log.bounds(topicOf[logType], lane), ({ stable }): Offset => stable)

/** Never beyond `stable`: a record of a transaction that is still open must not be missed. */
const atTime = (log: LogPort, logType: LogType, millis: number) => (lane: Lane) =>
  Effect.zipWith(
    log.offsetAt(topicOf[logType], lane, millis),
    log.bounds(topicOf[logType], lane),
    (offset, { stable }): Offset => Math.min(offset, stable)
  )

const laneStart = (log: LogPort, logType: LogType, text: string) => {
  if (text === "now") return Option.some(now(log, logType))
  if (text === "earliest") return Option.some(earliest(log, logType))
  return Option.map(parseNanos(text), (nanos) => atTime(log, logType, millisOf(nanos)))
}

/** `text`: `now`, `earliest` or an RFC 3339 time; a time in the future means now. */
export const startOffsets = (
  log: LogPort,
  logType: LogType,
  text: string
): Effect.Effect<Start, ApiError> =>
  Option.match(laneStart(log, logType, text), {
    onNone: () =>
      Effect.fail(
        new BadRequest({
          message: "startAt must be \"now\", \"earliest\" or a time such as 2026-01-31T12:00:00Z (RFC 3339)"
        })
      ),
    onSome: (of) =>
      Effect.forEach(lanesOf(log), of, { concurrency: 4 }).pipe(
        Effect.mapBoth({ onFailure: answerOf, onSuccess: (offsets): Start => ({ _tag: "At", offsets }) })
      )
  })
