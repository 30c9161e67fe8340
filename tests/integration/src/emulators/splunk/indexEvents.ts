/** What an event collector makes of a body: one envelope after another, up to the first that it cannot take. */
import { isObject, parsed } from "../http/listen.ts"
import { objectsOf } from "../vector/objectsOf.ts"

/** Splunk's table: status and text by code. */
export const codes = {
  0: [200, "Success"],
  1: [403, "Token disabled"],
  2: [401, "Token is required"],
  3: [401, "Invalid authorization"],
  4: [403, "Invalid token"],
  5: [400, "No data"],
  6: [400, "Invalid data format"],
  7: [400, "Incorrect index"],
  8: [500, "Internal server error"],
  9: [503, "Server is busy"],
  10: [400, "Data channel is missing"],
  11: [400, "Invalid data channel"],
  12: [400, "Event field is required"],
  13: [400, "Event field cannot be blank"],
  14: [400, "ACK is disabled"],
  15: [400, "Error in handling indexed fields"],
  16: [400, "Query string authorization is not enabled"],
  17: [200, "HEC is healthy"],
  18: [503, "HEC is unhealthy, queues are full"],
  23: [503, "Server is shutting down"],
  24: [200, "Data channel/queue is approaching capacity"],
  25: [200, "ACK channel is approaching capacity"],
  26: [429, "Data channel/queue is full"],
  27: [429, "ACK channel is full"],
  28: [400, "Data channel is missing"]
} as const

/** An event that a search would find. */
export interface Found {
  readonly time: unknown
  readonly event: unknown
  readonly fields: unknown
}

export interface Fault {
  readonly code: 6 | 7 | 12 | 13 | 15
  /** As answered in `invalid-event-number`. */
  readonly number: number
}

export interface Indexed {
  readonly found: ReadonlyArray<Found>
  readonly fault?: Fault | "empty"
}

const known = new Set(["time", "event", "fields", "host", "source", "sourcetype", "index"])

const isFlat = (fields: unknown): boolean =>
  isObject(fields) &&
  Object.values(fields).every((value) =>
    Array.isArray(value) ? value.every((item) => typeof item !== "object") : typeof value !== "object"
  )

/** Splunk 10 answers `time` in exponent notation with code 15. */
const exponent = /^\s*\{\s*"time"\s*:\s*-?[\d.]+[eE]/

type Verdict = Fault["code"] | "skip" | "stop" | undefined

const verdict = (text: string, envelope: unknown): Verdict => {
  if (!isObject(envelope)) return 6
  // Measured: 200, but only what is before it is indexed.
  if (Object.keys(envelope).some((key) => !known.has(key))) return "stop"
  const { event, fields, index } = envelope
  // Measured: an object with fields and no event is passed over with 200.
  if (event === undefined || event === null) return fields === undefined ? 12 : "skip"
  if (event === "") return 13
  if (fields !== undefined && !isFlat(fields) || exponent.test(text)) return 15
  return index === undefined || index === "main" ? undefined : 7
}

/** Code 7 names the one behind. */
const faultAt = (code: Fault["code"], position: number): Fault => ({
  code,
  number: code === 7 ? position + 1 : position
})

export const indexEvents = (content: string): Indexed => {
  const { cut, objects } = objectsOf(content)
  if (objects.length === 0 && !cut) return { found: [], fault: "empty" }
  const found: Array<Found> = []
  for (const [position, text] of objects.entries()) {
    const envelope = parsed(text)
    const said = verdict(text, envelope)
    if (said === "stop") return { found }
    if (typeof said === "number") return { found, fault: faultAt(said, position) }
    if (said === undefined && isObject(envelope)) {
      found.push({ time: envelope["time"], event: envelope["event"], fields: envelope["fields"] })
    }
  }
  return cut ? { found, fault: faultAt(6, objects.length) } : { found }
}
