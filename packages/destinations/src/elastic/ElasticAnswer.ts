/**
 * What Elasticsearch and OpenSearch answer to `_bulk` (elastic.co/docs, "Bulk API"): 200 with a status for each
 * operation in order, or another status for the whole. Pure.
 *
 * An operation with status 409 is a document with our id: it was stored by an earlier attempt. As ids are repeated when
 * records are sent again, nothing is stored twice whatever is answered.
 */
import { ReceiverAnswer, type RefusedItem } from "@tailrace/domain"
import { Option, Schema } from "effect"
import type { HttpResponse } from "../network/HttpSender.ts"
import { ownersText } from "../network/OwnersText.ts"
import { retryAfterMillis } from "../network/RetryAfter.ts"
import { isSuccess, misconfigured, type Reading, statusAnswer, tooLarge, unreadable } from "../http/StatusAnswer.ts"

export interface BulkReading extends Reading {
  /** Operations that were sent. */
  readonly count: number
}

const Summary = Schema.Struct({ errors: Schema.Boolean })

const Fault = Schema.Struct({
  type: Schema.optional(Schema.NullOr(Schema.String)),
  reason: Schema.optional(Schema.NullOr(Schema.String))
})

/** Keyed by the operation's name. */
const Item = Schema.Record(
  Schema.String,
  Schema.Struct({ status: Schema.Int, error: Schema.optional(Schema.Union([Fault, Schema.String])) })
)

const decodeJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Unknown))
const decodeSummary = Schema.decodeUnknownOption(Summary)
const decodeItems = Schema.decodeUnknownOption(Schema.Struct({ items: Schema.Array(Item) }))

/** One operation's outcome. */
interface Outcome {
  readonly status: number
  readonly words: string
}

const wordsOf = (error: typeof Fault.Type | string | undefined): string => {
  if (error === undefined) return "no reason given"
  return typeof error === "string" ? error : `${error.type ?? "error"}: ${error.reason ?? "no reason given"}`
}

const outcomeOf = (item: typeof Item.Type): Outcome => {
  const [outcome] = Object.values(item)
  return outcome === undefined
    ? { status: 500, words: "an item without an operation" }
    : { status: outcome.status, words: wordsOf(outcome.error) }
}

const isTaken = ({ status }: Outcome) => status < 300 || status === 409
const isLater = ({ status }: Outcome) => status === 429 || status >= 500

/** Missing privileges and missing indexes are answered for each operation, and are the same for all of them. */
const ownersStatuses = new Set([401, 403, 404])

const messageOf = ({ status, words }: Outcome, { secrets }: Reading) => ownersText(`${status} ${words}`, secrets)

const itemsAnswer = (outcomes: ReadonlyArray<Outcome>, response: HttpResponse, reading: Reading): ReceiverAnswer => {
  const fault = outcomes.find(({ status }) => ownersStatuses.has(status))
  if (fault !== undefined) return misconfigured(messageOf(fault, reading), fault.status)
  const refused: Array<RefusedItem> = []
  const again: Array<number> = []
  outcomes.forEach((outcome, index) => {
    if (isTaken(outcome)) return
    if (isLater(outcome)) again.push(index)
    else refused.push({ index, reason: messageOf(outcome, reading) })
  })
  if (refused.length + again.length === 0) return ReceiverAnswer.cases.Accepted.make({ slower: false })
  const first = outcomes[again[0] ?? -1]
  const failure = first === undefined ? null : {
    message: messageOf(first, reading),
    status: first.status,
    retryAfterMillis: retryAfterMillis(response.headers["retry-after"] ?? null, reading.nowMillis),
    maybeStored: first.status >= 500
  }
  return ReceiverAnswer.cases.Partly.make({ refused, again, failure })
}

/** More was answered than is read, or items are missing: fewer operations have a shorter answer. */
const unclear = (response: HttpResponse, reading: BulkReading): ReceiverAnswer =>
  reading.count > 1 && /^\s*\{/.test(response.text)
    ? tooLarge("the answer does not say what became of each operation", response.status)
    : unreadable(response, reading)

/** `count` operations were sent. */
export const elasticAnswer = (response: HttpResponse, reading: BulkReading): ReceiverAnswer => {
  if (!isSuccess(response)) return statusAnswer(response, reading)
  const json = response.truncated ? Option.none() : decodeJson(response.text)
  const summary = Option.flatMap(json, decodeSummary)
  if (Option.isNone(summary)) return response.truncated ? unclear(response, reading) : unreadable(response, reading)
  if (!summary.value.errors) return ReceiverAnswer.cases.Accepted.make({ slower: false })
  const items = Option.flatMap(json, decodeItems)
  return Option.isSome(items) && items.value.items.length === reading.count
    ? itemsAnswer(items.value.items.map(outcomeOf), response, reading)
    : unclear(response, reading)
}
