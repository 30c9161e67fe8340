/**
 * Bodies as Tailscale sends them to a HEC: objects one behind the other, with nothing between them. And the same
 * records as NDJSON in the export form.
 */
import { flowRecords } from "./FlowRecords.ts"

export const recordsPerBody = 3_000

/** The texts of the objects of one body after another. */
export const hecBodies = (count: number): ReadonlyArray<ReadonlyArray<string>> => {
  const next = flowRecords("inside")
  const envelope = (n: number) =>
    `{"time":${1_790_000_000 + n / 200},"event":${next()},"fields":{"recorded":"2026-11-22T00:00:00.123456789Z"}}`
  return Array.from({ length: count }, () => Array.from({ length: recordsPerBody }, (_, n) => envelope(n)))
}

/** One body after another. */
export const ndjsonBodies = (count: number): ReadonlyArray<string> => {
  const next = flowRecords()
  return Array.from({ length: count }, () => Array.from({ length: recordsPerBody }, () => `${next()}\n`).join(""))
}
