/** What ingest is to do, written the slow way: parse, build, print. The tests hold the byte-wise code against it. */
import { kindOfRecord, type LogType } from "@tailrace/domain"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"

export const fixture = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}`, import.meta.url))

type Json = Readonly<Record<string, unknown>>

interface Around {
  readonly recorded: string | undefined
  readonly time: number | undefined
  readonly now: string
}

export interface Expected {
  readonly kind: LogType | undefined
  readonly record: Json
}

/** The S3 export form of a parsed record. */
export const exported = (event: Json, { now, recorded, time }: Around): Expected => {
  const kind = kindOfRecord(event)
  const { logged = recorded ?? now, type, ...rest } = event
  const eventTime = time === undefined ? logged : new Date(Math.round(time * 1000)).toISOString()
  const record = kind === "network"
    ? { logged, ...(type === undefined ? {} : { type }), ...rest }
    : { logged, ...("eventTime" in rest ? {} : { eventTime }), ...rest }
  return { kind, record }
}

const nanos = fc.tuple(fc.integer({ min: 0, max: 2_000_000_000 }), fc.integer({ min: 0, max: 999_999_999 })).map(
  ([seconds, nano]) =>
    `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(nano).padStart(9, "0").replace(/0+$/, "1")}Z`
)

const odd = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ stringUnit: "binary" }), { maxKeys: 3 })

const shuffled = (record: Json): fc.Arbitrary<Json> =>
  fc.shuffledSubarray(Object.entries(record), { minLength: Object.keys(record).length }).map(Object.fromEntries)

const times = fc.record({ logged: nanos, eventTime: nanos, type: fc.constant("CONFIG") }, { requiredKeys: [] })

/** Records with any members besides their own, in any order, with and without the times. */
export const flowRecord: fc.Arbitrary<Json> = fc.tuple(odd, fc.record({ logged: nanos }, { requiredKeys: [] })).chain(
  ([more, time]) =>
    shuffled({ ...more, ...time, nodeId: "n1CNTRL", start: "2026-07-24T09:05:00Z", end: "2026-07-24T09:05:05Z" })
)
export const auditRecord: fc.Arbitrary<Json> = fc.tuple(odd, times, odd, odd).chain(([more, time, actor, target]) =>
  shuffled({ ...more, ...time, action: "CREATE", actor, target })
)

/** HEC objects as a sender might put them: keys in any order, with ones that we do not use. */
export const envelope: fc.Arbitrary<Json> = fc.tuple(
  fc.oneof(flowRecord, auditRecord),
  fc.record({ recorded: nanos, other: fc.string({ unit: "binary" }) }, { requiredKeys: [] }),
  fc.record({
    time: fc.integer({ min: 0, max: 2_000_000_000_000 }).map((millis) => millis / 1000),
    host: fc.string({ unit: "binary" }),
    source: fc.string(),
    index: fc.string()
  }, { requiredKeys: [] })
).chain(([event, fields, more]) => shuffled({ ...more, event, fields }))
