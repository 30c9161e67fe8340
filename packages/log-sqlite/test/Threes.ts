/** What the writer process writes under one number: three entries, one of them large enough to need many pages. */
import type { Entry } from "@tailrace/log"

const encoder = new TextEncoder()

export const threeEntries = (number: number): ReadonlyArray<Entry> =>
  ["a", "b", "c"].map((part) => ({
    key: `${number}`,
    value: encoder.encode(`${number}-${part}${part === "b" ? "-".repeat((number % 7) * 20_000) : ""}`)
  }))
