/**
 * Where a record set ends, told from the batches' headers alone, so that what follows can be asked for before the set
 * is read. Nothing here is verified: whoever reads the set does that.
 */
import type { Offset } from "@tailrace/log"

const lengthAt = 8
const magicAt = 16
const lastDeltaAt = 23
const headerBytes = 61
/** What stands before the part that the batch's length counts. */
const prefixBytes = 12

/** The offset behind the last whole batch; undefined where the headers do not tell. */
export const endOfSet = (bytes: Buffer): Offset | undefined => {
  let end: Offset | undefined
  let at = 0
  while (at + headerBytes <= bytes.length) {
    const size = prefixBytes + bytes.readInt32BE(at + lengthAt)
    if (size < headerBytes || bytes.readInt8(at + magicAt) !== 2) return undefined
    if (at + size > bytes.length) break
    const base = bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4)
    end = base + bytes.readInt32BE(at + lastDeltaAt) + 1
    at += size
  }
  return Number.isSafeInteger(end) ? end : undefined
}
