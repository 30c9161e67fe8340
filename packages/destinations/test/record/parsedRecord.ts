/** What `RecordReader` must find, found by parsing: slow, short, and sharing no code with it. */

export interface ParsedRecord {
  readonly members: Readonly<Record<string, unknown>>
  readonly logged: string | undefined
  readonly millis: number
}

const form = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/

const day = (year: number, month: number, date: number) => {
  const at = new Date(0)
  at.setUTCFullYear(year, month - 1, date)
  return BigInt(at.getTime()) * 1_000_000n
}

/** Nanoseconds since 1970. */
export const nanosOf = (text: unknown): bigint | undefined => {
  const parts = typeof text === "string" ? form.exec(text) : null
  if (parts === null) return undefined
  const [year = 0, month = 0, date = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number)
  const [zoneHour = 0, zoneMinute = 0] = parts.slice(9).map((part) => Number(part ?? 0))
  if (month < 1 || month > 12 || date < 1 || date > 31) return undefined
  if (hour > 23 || minute > 59 || second > 60 || zoneHour > 23 || zoneMinute > 59) return undefined
  const east = (zoneHour * 60 + zoneMinute) * (parts[8] === "-" ? -60 : 60)
  const seconds = (hour * 60 + minute) * 60 + second - east
  return day(year, month, date) + BigInt(seconds) * 1_000_000_000n + BigInt((parts[7] ?? "").padEnd(9, "0"))
}

const millisOf = (nanos: bigint | undefined): number | undefined => {
  if (nanos === undefined || nanos < 0n) return undefined
  const millis = Number(nanos / 1_000_000n)
  return millis <= 253_402_300_799_999 ? millis : undefined
}

/** Each time is cut to the millisecond below; of a window, its middle. */
const ownNanos = (record: Readonly<Record<string, unknown>>, topic: "audit" | "flow") => {
  if (topic === "audit") return nanosOf(record["eventTime"])
  const start = nanosOf(record["start"])
  const end = nanosOf(record["end"])
  return start === undefined || end === undefined ? undefined : (start + end) / 2n
}

export const parseRecord = (
  text: string,
  { topic, without }: { readonly topic: "audit" | "flow"; readonly without: ReadonlyArray<string> },
  otherwise: number
): ParsedRecord => {
  const record: Readonly<Record<string, unknown>> = JSON.parse(text)
  const logged = typeof record["logged"] === "string" ? record["logged"] : undefined
  const isKept = (name: string) => !without.includes(name) || name === "logged" && logged === undefined
  return {
    members: Object.fromEntries(Object.entries(record).filter(([name]) => isKept(name))),
    logged,
    millis: millisOf(ownNanos(record, topic)) ?? millisOf(nanosOf(logged)) ?? otherwise
  }
}
