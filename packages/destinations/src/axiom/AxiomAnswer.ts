/**
 * What Axiom's ingest endpoint answers (axiom.co/docs/restapi/ingest, axiom.co/docs/restapi/api-limits). 200 does not
 * say that all was taken: `failed` counts events that were not. `failures` has an event's time and what was wrong, not
 * which event it was. Where the times point at single events of the request these are refused, and nothing is sent
 * twice. Where they do not, the request is halved until the events stand alone: what was taken is then in the dataset
 * more than once, but nothing is lost. Pure.
 */
import { ReceiverAnswer, type RefusedItem } from "@tailrace/domain"
import { Option, Schema } from "effect"
import type { HttpResponse } from "../network/HttpSender.ts"
import { ownersText } from "../network/OwnersText.ts"
import { isSuccess, type Reading, statusAnswer, tooLarge, unreadable } from "../http/StatusAnswer.ts"

export interface IngestReading extends Reading {
  /** Events that were sent. */
  readonly count: number
  /** Their `_time`s, in order; asked for only when some have failed. */
  readonly times: () => ReadonlyArray<string>
}

const Failed = Schema.Struct({
  timestamp: Schema.optional(Schema.NullOr(Schema.String)),
  error: Schema.optional(Schema.NullOr(Schema.String))
})

const Ingested = Schema.Struct({
  ingested: Schema.Int,
  failed: Schema.Int,
  failures: Schema.optional(Schema.NullOr(Schema.Array(Failed)))
})

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Ingested))

/** `2026-06-03T15:32:56.770Z` is written `…56.77Z` by others. */
const normal = (time: string): string => time.replace(/(\.\d*?)0*Z$/, "$1Z").replace(/\.Z$/, "Z")

/** Index of each time that only one event has. */
const singles = (times: ReadonlyArray<string>): ReadonlyMap<string, number> => {
  const found = new Map<string, number>()
  const repeated = new Set<string>()
  times.map(normal).forEach((time, index) => {
    if (found.has(time)) repeated.add(time)
    found.set(time, index)
  })
  for (const time of repeated) found.delete(time)
  return found
}

/** None: the failures do not tell which events they mean. */
const refusedItems = (
  { failed, failures }: typeof Ingested.Type,
  { secrets, times }: IngestReading
): Option.Option<ReadonlyArray<RefusedItem>> => {
  if (!failures || failed === 0 || failures.length !== failed) return Option.none()
  const indexOf = singles(times())
  const items = new Map<number, RefusedItem>()
  for (const { error, timestamp } of failures) {
    const index = indexOf.get(normal(timestamp ?? ""))
    if (index === undefined) return Option.none()
    items.set(index, { index, reason: ownersText(error ?? "refused without a reason", secrets) })
  }
  if (items.size !== failed) return Option.none()
  return Option.some([...items.values()].sort((one, other) => one.index - other.index))
}

const firstError = ({ failures }: typeof Ingested.Type, { secrets }: Reading): string =>
  ownersText(failures?.find(({ error }) => error)?.error ?? "not ingested, without a reason", secrets)

const failedAnswer = (ingested: typeof Ingested.Type, reading: IngestReading): ReceiverAnswer => {
  if (reading.count === 1) return tooLarge(firstError(ingested, reading), 200)
  return Option.match(refusedItems(ingested, reading), {
    onNone: () => tooLarge(firstError(ingested, reading), 200),
    onSome: (refused) => ReceiverAnswer.cases.Partly.make({ refused, again: [], failure: null })
  })
}

/** A header's UTC epoch seconds, as milliseconds from now. */
const untilMillis = (header: string | undefined, nowMillis: number): number | null =>
  header !== undefined && /^\d{1,12}$/.test(header) ? Math.max(0, Number(header) * 1_000 - nowMillis) : null

/** An owner may raise the month's allowance at any time, so its end is not waited for longer than this. */
const longestPauseMillis = 3_600_000

/** The limit that is used up, if it says so; else the limit on requests. */
const pauseMillis = ({ headers }: HttpResponse, { nowMillis }: Reading): number | null => {
  const ingest = untilMillis(headers["x-ingestlimit-reset"], nowMillis)
  const requests = untilMillis(headers["x-ratelimit-reset"], nowMillis)
  const pause = headers["x-ingestlimit-remaining"] === "0" ? ingest ?? requests : requests ?? ingest
  return pause === null ? null : Math.min(pause, longestPauseMillis)
}

/** `count` events were sent. */
export const axiomAnswer = (response: HttpResponse, reading: IngestReading): ReceiverAnswer => {
  if (!isSuccess(response)) return statusAnswer(response, { ...reading, pauseMillis: pauseMillis(response, reading) })
  const read = response.truncated ? Option.none() : decode(response.text)
  if (Option.isSome(read)) {
    const { failed, ingested } = read.value
    return failed === 0 && ingested >= reading.count
      ? ReceiverAnswer.cases.Accepted.make({ slower: false })
      : failedAnswer(read.value, reading)
  }
  // Ten thousand failures with their words do not fit into what is read of an answer.
  return response.truncated && reading.count > 1 && /^\s*\{/.test(response.text)
    ? tooLarge("the answer does not say what became of each event", response.status)
    : unreadable(response, reading)
}
