/**
 * Posts records at a pace, through HEC and NDJSON, to processes that are killed now and then; keeps a book of what was
 * acknowledged. A request that failed is made anew with new ids: sending twice makes two records.
 */
import { Clock, Effect, Option } from "effect"
import { type Ask, ask } from "../app/Ask.ts"
import { auditRecord, exported, flowRecord } from "./SampleRecord.ts"

/** One request, as it was tried once. Its records' ids are `<name>-<index>`: flow records first. */
export interface Attempt {
  readonly name: string
  readonly flow: number
  readonly audit: number
  /** `kafka`: past us, with a client of somebody else. */
  readonly form: "hec" | "kafka" | "ndjson"
  acknowledged: boolean
}

export interface Pace {
  readonly requests: number
  readonly seconds: number
}

export interface ProducerOptions extends Pace {
  /** Asked in turn. */
  readonly urls: ReadonlyArray<string>
  /** For HEC. */
  readonly token: string
  readonly recordsPerRequest: number
}

export interface Shape extends Pick<Attempt, "flow" | "audit" | "form"> {}

/** Half of the requests are Tailscale's HEC bodies with both types of records; the others NDJSON of one type. */
const shapeOf = (request: number, records: number): Shape => {
  const audit = Math.floor(records * 0.3)
  if (request % 2 === 0) return { form: "hec", flow: records - audit, audit }
  return request % 8 === 7
    ? { form: "ndjson", flow: 0, audit: records }
    : { form: "ndjson", flow: records, audit: 0 }
}

/** The record with this place in the attempt, without `logged`. */
export const recordOf = ({ flow, name }: Pick<Attempt, "flow" | "name">, index: number): string => {
  const id = `${name}-${index}`
  return index < flow ? flowRecord(id, index) : auditRecord(id, index)
}

const hecEvent = (record: string): string =>
  `{"time":1780500776.773,"event":${record},"fields":{"recorded":"2026-06-03T15:33:01.552946176Z"}}`

const requestOf = (attempt: Attempt, token: string): Ask => {
  const records = Array.from({ length: attempt.flow + attempt.audit }, (_, index) => recordOf(attempt, index))
  if (attempt.form === "hec") {
    const body = records.map(hecEvent).join("")
    return { method: "POST", path: "/services/collector/event", body, authorization: `Splunk ${token}` }
  }
  const type = attempt.flow > 0 ? "network" : "configuration"
  const body = records.map((record) => `${exported(record)}\n`).join("")
  return {
    method: "POST",
    path: `/api/v2/tailnet/-/logging/${type}/records`,
    body,
    contentType: "application/x-ndjson"
  }
}

const workers = 4
const pauseMillis = 100

/** Does each request when it is due, or as soon as it can be; a few at once. */
export const paced = Effect.fnUntraced(
  function*<R>({ requests, seconds }: Pace, post: (request: number) => Effect.Effect<void, never, R>) {
    const began = yield* Clock.currentTimeMillis
    let next = 0
    const work = Effect.gen(function*() {
      while (next < requests) {
        const request = next++
        const due = began + request * seconds * 1_000 / requests
        yield* Effect.sleep(Math.max(0, due - (yield* Clock.currentTimeMillis)))
        yield* post(request)
      }
    })
    yield* Effect.all(Array.from({ length: workers }, () => work), { concurrency: workers, discard: true })
  }
)

export interface Posting<R> {
  /** Begins the ids of its records. */
  readonly name: string
  readonly shape: Shape
  /** True when it was acknowledged; turns count from 0. */
  readonly send: (attempt: Attempt, turn: number) => Effect.Effect<boolean, never, R>
}

/** One attempt after the other until one is acknowledged; each is in the book before it is sent. */
export const insist = Effect.fnUntraced(function*<R>({ name, send, shape }: Posting<R>, book: Array<Attempt>) {
  for (let turn = 0;; turn++) {
    const attempt: Attempt = { ...shape, name: `${name}-${turn}`, acknowledged: false }
    book.push(attempt)
    attempt.acknowledged = yield* send(attempt, turn)
    if (attempt.acknowledged) return
    yield* Effect.sleep(pauseMillis)
  }
})

/** Every record is acknowledged once when it returns; the book tells in which attempt. */
export const produce = Effect.fn("produce")(function*(options: ProducerOptions, book: Array<Attempt>) {
  const { recordsPerRequest, token, urls } = options
  yield* paced(options, (request) =>
    insist({
      name: `p-${request}`,
      shape: shapeOf(request, recordsPerRequest),
      send: (attempt, turn) =>
        ask(urls[(request + turn) % urls.length] ?? "", requestOf(attempt, token)).pipe(
          Effect.map(Option.exists(({ status }) => status === 200))
        )
    }, book))
})
