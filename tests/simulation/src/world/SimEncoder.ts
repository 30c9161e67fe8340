/** How records become a body in this world: a line `offset length`, then the record, so that it can be read back. */
import type { Encoded, ReceiverLimits, Records } from "@tailrace/destinations"
import type { RefusedItem } from "@tailrace/domain"
import { textOf } from "./History.ts"
import type { Item } from "./Indexes.ts"

const text = new TextEncoder()
const newline = 0x0a

export interface Encoder {
  readonly limits: ReceiverLimits
  readonly maxAgeMillis: number | null
}

const loggedMillis = (line: string): number => Date.parse(/"logged":"([^"]*)"/.exec(line)?.[1] ?? "")

const refusalOf = ({ limits, maxAgeMillis }: Encoder, line: string, size: { bytes: number; now: number }) => {
  if (size.bytes > limits.recordBytes) return `encoder: ${size.bytes} bytes are over ${limits.recordBytes}`
  const isOld = maxAgeMillis !== null && size.now - loggedMillis(line) > maxAgeMillis
  return isOld ? `encoder: older than ${maxAgeMillis} ms` : undefined
}

/** As the port's `encode`. */
export const encode = (encoder: Encoder, records: Records, to: { readonly into: Uint8Array; readonly now: number }) => {
  const { requestBytes, requestRecords } = encoder.limits
  const refused: Array<RefusedItem> = []
  let written = 0
  let count = 0
  let taken = 0
  for (; taken < records.count && count < requestRecords; taken++) {
    const value = records.bytes.subarray(records.starts[taken], records.ends[taken])
    const head = text.encode(`${records.offsets[taken]} ${value.length}\n`)
    const bytes = head.length + value.length + 1
    const reason = refusalOf(encoder, textOf(value), { bytes, now: to.now })
    if (reason !== undefined) {
      refused.push({ index: taken, reason })
      continue
    }
    if (written + bytes > requestBytes) break
    to.into.set(head, written)
    to.into.set(value, written + head.length)
    to.into[written + bytes - 1] = newline
    written += bytes
    count++
  }
  const encoded: Encoded = { bytes: written, taken, refused }
  return encoded
}

/** The records of a body; undefined: it was not written by `encode`. */
export const decode = (body: Uint8Array): ReadonlyArray<Item> | undefined => {
  const items: Array<Item> = []
  let position = 0
  while (position < body.length) {
    const headEnd = body.indexOf(newline, position)
    const [offset, length] = textOf(body.subarray(position, Math.max(position, headEnd))).split(" ").map(Number)
    if (headEnd < 0 || offset === undefined || length === undefined || !Number.isInteger(offset + length)) return
    const end = headEnd + 1 + length
    if (body[end] !== newline) return undefined
    items.push({ offset, line: textOf(body.subarray(headEnd + 1, end)) })
    position = end + 1
  }
  return items
}
