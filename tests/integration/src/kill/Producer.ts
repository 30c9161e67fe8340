/**
 * Posts records at a pace, through HEC and NDJSON, to a process that is killed now and then; keeps a book of what was
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
  readonly form: "hec" | "ndjson"
  acknowledged: boolean
}

export interface ProducerOptions {
  readonly url: string
  /** For HEC. */
  readonly token: string
  readonly requests: number
  readonly recordsPerRequest: number
  readonly seconds: number
}

interface Shape extends Pick<Attempt, "flow" | "audit" | "form"> {}

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

/** Every record is acknowledged once when it returns; the book tells in which attempt. */
export const produce = Effect.fn("produce")(function*(options: ProducerOptions, book: Array<Attempt>) {
  const { recordsPerRequest, requests, seconds, token, url } = options
  const began = yield* Clock.currentTimeMillis
  let next = 0

  const post = Effect.fnUntraced(function*(request: number) {
    for (let turn = 0;; turn++) {
      const shape = shapeOf(request, recordsPerRequest)
      const attempt: Attempt = { ...shape, name: `p-${request}-${turn}`, acknowledged: false }
      book.push(attempt)
      const reply = yield* ask(url, requestOf(attempt, token))
      attempt.acknowledged = Option.exists(reply, ({ status }) => status === 200)
      if (attempt.acknowledged) return
      yield* Effect.sleep(pauseMillis)
    }
  })
  const work = Effect.gen(function*() {
    while (next < requests) {
      const request = next++
      const due = began + request * seconds * 1_000 / requests
      yield* Effect.sleep(Math.max(0, due - (yield* Clock.currentTimeMillis)))
      yield* post(request)
    }
  })
  yield* Effect.all(Array.from({ length: workers }, () => work), { concurrency: workers, discard: true })
})
