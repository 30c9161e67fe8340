/** Record values that producers append: well-formed ones of every form, and ones that no destination takes. */
import type { LogType } from "@tailrace/domain"
import type { Prng } from "../engine/Prng.ts"
import { epochMillis } from "../engine/Process.ts"

export interface Value {
  readonly bytes: Uint8Array
  /** Whether it is one JSON object on one line. */
  readonly valid: boolean
}

/** Receivers that look at records refuse those that hold this. */
export const poisonMark = "\"poison\":true"

const encoder = new TextEncoder()

const body = (id: string, logType: LogType): string =>
  logType === "network"
    ? `"nodeId":"${id}","start":"2026-03-14T09:00:00Z","virtualTraffic":[{"proto":6,"src":"100.64.0.1:41000"}]`
    : `"eventGroupID":"${id}","origin":"CONFIG_API","action":"CREATE","actionDetails":"scopes – all"`

const invalid = (id: string, prng: Prng): string =>
  prng.pick([`not JSON ${id}`, `{"id":"${id}"`, `{"id":"${id}"\n}`, `["${id}"]`, `{"id": ${id}}`])

interface Facts {
  /** Simulation time, in milliseconds. */
  readonly at: number
  readonly logType: LogType
}

/** The usual form: what Tailscale's own exports look like. */
export const plainValue = (id: string, { at, logType }: Facts): Value => {
  const logged = new Date(epochMillis + at).toISOString()
  return { bytes: encoder.encode(`{"logged":"${logged}",${body(id, logType)}}`), valid: true }
}

/** One value named `id`, which stands in it and nowhere else. */
export const recordValue = (prng: Prng, id: string, { at, logType }: Facts): Value => {
  const logged = new Date(epochMillis + at).toISOString()
  const form = prng.weighted({ invalid: 0.04, unlogged: 0.1, late: 0.06, long: 0.03 }, "quick")
  const rest = body(id, logType)
  switch (form) {
    case "invalid":
      return { bytes: encoder.encode(invalid(id, prng)), valid: false }
    case "unlogged":
      return { bytes: encoder.encode(`{${rest}}`), valid: true }
    case "late":
      return { bytes: encoder.encode(`{${rest},"logged":"${logged}"}`), valid: true }
    case "long":
      return {
        bytes: encoder.encode(`{"logged":"${logged}",${rest},"pad":"${"x".repeat(prng.int(1, 6_000))}"}`),
        valid: true
      }
    default:
      return plainValue(id, { at, logType })
  }
}

interface PoisonFacts extends Facts {
  /** Size of the largest of them. */
  readonly largest: number
  /** Whether it is one of these; none: that is drawn. */
  readonly isLargest?: boolean
}

/** Right for the log and for stores; one in three is as large as a receiver may be sent. */
export const poisonValue = (prng: Prng, id: string, facts: PoisonFacts): Uint8Array => {
  const logged = new Date(epochMillis + facts.at).toISOString()
  const start = `{"logged":"${logged}",${body(id, facts.logType)},${poisonMark}`
  const end = ",\"pad\":\"\"}"
  const room = facts.largest - encoder.encode(start + end).length
  const isLargest = facts.isLargest ?? prng.chance(0.35)
  return encoder.encode(room > 0 && isLargest ? `${start},"pad":"${"x".repeat(room)}"}` : `${start}}`)
}
