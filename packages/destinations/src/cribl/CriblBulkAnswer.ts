/**
 * What Cribl answers in Elasticsearch's words. It looks at no event before it answers; what stands in its place may.
 */
import { ReceiverAnswer, type RefusedItem } from "@tailrace/domain"
import { Option, Schema } from "effect"
import { likeHecAnswer, type Sent } from "../hec/HecAnswer.ts"
import { isSuccess, type Reading, unreadable } from "../http/StatusAnswer.ts"
import type { HttpResponse } from "../network/HttpSender.ts"
import { ownersText } from "../network/OwnersText.ts"

const Item = Schema.Record(
  Schema.String,
  Schema.Struct({ status: Schema.optional(Schema.Int), error: Schema.optional(Schema.Unknown) })
)
const Body = Schema.fromJsonString(
  Schema.Struct({ errors: Schema.Boolean, items: Schema.optional(Schema.Array(Item)) })
)
const decode = Schema.decodeUnknownOption(Body)

const statusOf = (item: typeof Item.Type): number => Object.values(item)[0]?.status ?? 200

const passes = (status: number): boolean => status === 429 || status >= 500

const indexes = (statuses: ReadonlyArray<number>, holds: (status: number) => boolean): ReadonlyArray<number> =>
  statuses.flatMap((status, index) => holds(status) ? [index] : [])

const itemsAnswer = (items: ReadonlyArray<typeof Item.Type>, { secrets }: Reading): ReceiverAnswer => {
  const statuses = items.map(statusOf)
  const again = indexes(statuses, passes)
  const isRefused = (status: number) => status >= 400 && status !== 409 && !passes(status)
  const refused = indexes(statuses, isRefused).map((index): RefusedItem => ({
    index,
    reason: ownersText(`${statuses[index]} ${JSON.stringify(items[index])}`, secrets)
  }))
  if (again.length + refused.length === 0) return ReceiverAnswer.cases.Accepted.make({ slower: false })
  const failure = again.length === 0 ? null : {
    message: `${again.length} of ${items.length} events were not taken`,
    status: statuses[again[0] ?? 0] ?? null,
    retryAfterMillis: null,
    maybeStored: false
  }
  return ReceiverAnswer.cases.Partly.make({ refused, again, failure })
}

/** Some were refused, but not all items could be read. */
const hidesErrors = ({ text }: HttpResponse): boolean => /"errors"\s*:\s*true/.test(text)

/** Items come in the order of the request. */
export const bulkAnswer = (response: HttpResponse, reading: Reading, sent: Sent): ReceiverAnswer => {
  if (!isSuccess(response)) return likeHecAnswer(response, reading, sent)
  const items = Option.getOrUndefined(decode(response.text))?.items
  if (items?.length === sent.count) return itemsAnswer(items, reading)
  return hidesErrors(response) ? unreadable(response, reading) : likeHecAnswer(response, reading, sent)
}
