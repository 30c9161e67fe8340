/**
 * The format of a stored batch: consecutive records of one lane as two blobs, so that reading makes no object per
 * record. Changing it means a new `formatVersion` of the file. All numbers are little endian (x64 and arm64 are).
 *
 * ```text
 * bytes   := (value "\n")*                       in record order; a tombstone has neither value nor newline
 * columns := header lengths keyOf? deltas? keys headers
 * header  := count:u32 flags:u32 keysBytes:u32 headersBytes:u32
 * lengths := i32 × count                         −1: a tombstone
 * keyOf   := u32 × count                         if flags & 1: index into keys; otherwise all records have keys[0]
 * deltas  := u32 × count                         if flags & 2: offset − base; otherwise 0, 1, 2, …
 * keys    := JSON array of string | null         each distinct key once
 * headers := JSON array of [index, {name: value}]  only records that have headers; no bytes at all if none has
 * ```
 */
export type Headers = Readonly<Record<string, string>>
export type HeaderPair = readonly [index: number, headers: Headers]

const headerWords = 4
const hasKeyOf = 1
const hasDeltas = 2
const encoder = new TextEncoder()
const decoder = new TextDecoder()

export interface Columns {
  readonly count: number
  readonly lengths: ArrayLike<number>
  readonly keyOf: ArrayLike<number>
  /** `undefined`: offsets are dense. */
  readonly deltas: ArrayLike<number> | undefined
  readonly keys: ReadonlyArray<string | null>
  readonly headers: ReadonlyArray<HeaderPair>
}

/** The blob of a batch's columns. */
export const encodeColumns = (columns: Columns): Uint8Array<ArrayBuffer> => {
  const { count, deltas, headers, keyOf, keys, lengths } = columns
  const keysJson = encoder.encode(JSON.stringify(keys))
  const headersJson = headers.length === 0 ? new Uint8Array(0) : encoder.encode(JSON.stringify(headers))
  const withKeyOf = keys.length > 1
  const parts = [lengths, ...(withKeyOf ? [keyOf] : []), ...(deltas === undefined ? [] : [deltas])]
  const fixedBytes = 4 * (headerWords + parts.length * count)
  const blob = new Uint8Array(fixedBytes + keysJson.length + headersJson.length)
  const words = new Int32Array(blob.buffer, 0, fixedBytes / 4)
  words.set([
    count,
    (withKeyOf ? hasKeyOf : 0) | (deltas === undefined ? 0 : hasDeltas),
    keysJson.length,
    headersJson.length
  ])
  parts.forEach((part, index) => words.set(part, headerWords + index * count))
  blob.set(keysJson, fixedBytes)
  blob.set(headersJson, fixedBytes + keysJson.length)
  return blob
}

/** A stored batch that is not of this format: the file is damaged. */
export class BatchDamaged extends Error {
  override readonly name = "BatchDamaged"
}

const parseJson = <A>(bytes: Uint8Array): ReadonlyArray<A> => JSON.parse(decoder.decode(bytes))

/** The columns of a stored blob, as views over it. */
export const decodeColumns = (blob: Uint8Array): Columns => {
  const header = new Uint32Array(blob.buffer, blob.byteOffset, headerWords)
  const [count = 0, flags = 0, keysBytes = 0, headersBytes = 0] = header
  const withKeyOf = (flags & hasKeyOf) !== 0
  const withDeltas = (flags & hasDeltas) !== 0
  const fixedWords = headerWords + count * (1 + Number(withKeyOf) + Number(withDeltas))
  if (fixedWords * 4 + keysBytes + headersBytes !== blob.length) throw new BatchDamaged("columns of a wrong length")
  const part = (index: number) =>
    new Uint32Array(blob.buffer, blob.byteOffset + 4 * (headerWords + index * count), count)
  const keysEnd = fixedWords * 4 + keysBytes
  return {
    count,
    lengths: new Int32Array(blob.buffer, blob.byteOffset + 4 * headerWords, count),
    keyOf: withKeyOf ? part(1) : new Uint32Array(count),
    deltas: withDeltas ? part(withKeyOf ? 2 : 1) : undefined,
    keys: parseJson<string | null>(blob.subarray(fixedWords * 4, keysEnd)),
    headers: headersBytes === 0 ? [] : parseJson<HeaderPair>(blob.subarray(keysEnd))
  }
}

/** Offset of record `index` relative to the batch's base. */
export const deltaAt = ({ deltas }: Columns, index: number): number => deltas === undefined ? index : deltas[index] ?? 0

/** Index of the first record at or after `delta`, counted from the batch's base. */
export const indexAt = (columns: Columns, delta: number): number => {
  if (delta <= 0) return 0
  if (columns.deltas === undefined) return Math.min(delta, columns.count)
  let index = 0
  while (index < columns.count && deltaAt(columns, index) < delta) index += 1
  return index
}
