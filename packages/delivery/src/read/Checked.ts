/**
 * A chunk with the verdict on each of its records: may its bytes go into an object as they are, do they need `logged`
 * put in front, or are they no record at all? Made once for each chunk, whoever reads it. A value that begins
 * `{"logged":"` takes the quick way: its structure is checked, its JSON is not.
 */
import type { Chunk } from "@tailrace/log"

export const recordBytesMax = 1024 * 1024

const openBrace = 0x7b
const closeBrace = 0x7d
const newline = 0x0a
const quickPrefix = new TextEncoder().encode("{\"logged\":\"")
const decoder = new TextDecoder("utf-8", { fatal: true })
const encoder = new TextEncoder()

export interface Checked {
  readonly chunk: Chunk
  /** Values that stand in for the ones in the chunk, by index. */
  readonly replaced: ReadonlyMap<number, Uint8Array>
  /** Why a record is none, by index. */
  readonly refused: ReadonlyMap<number, string>
}

const startsQuick = (bytes: Uint8Array, start: number): boolean => {
  for (let index = 0; index < quickPrefix.length; index++) {
    if (bytes[start + index] !== quickPrefix[index]) return false
  }
  return true
}

const parseObject = (text: string): object | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** A function of the value and its append time only: the same record gives the same bytes whenever it is read. */
const slowly = (value: Uint8Array, time: number): Uint8Array | string | undefined => {
  const text = decoder.decode(value)
  const record = parseObject(text)
  if (record === undefined) return "not a JSON object"
  if ("logged" in record && typeof record.logged === "string") return undefined
  const rest = text.slice(text.indexOf("{") + 1)
  const comma = Object.keys(record).length === 0 ? "" : ","
  return encoder.encode(`{"logged":"${new Date(time).toISOString()}"${comma}${rest}`)
}

const slowlySafe = (value: Uint8Array, time: number): Uint8Array | string | undefined => {
  try {
    return slowly(value, time)
  } catch {
    return "not UTF-8"
  }
}

/** Why the value is not one JSON object on one line, by structure; undefined if it may be. */
const structure = (chunk: Chunk, index: number, newlineAt: number): string | undefined => {
  const start = chunk.starts[index] ?? 0
  const length = chunk.lengths[index] ?? -1
  if (length < 0) return "no value"
  if (length > recordBytesMax) return `over ${recordBytesMax} bytes`
  if (newlineAt < start + length) return "a newline inside"
  const closed = chunk.bytes[start] === openBrace && chunk.bytes[start + length - 1] === closeBrace
  return length >= 2 && closed ? undefined : "not a JSON object"
}

export const check = (chunk: Chunk): Checked => {
  const replaced = new Map<number, Uint8Array>()
  const refused = new Map<number, string>()
  const { bytes, count, lengths, starts } = chunk
  let newlineAt = -1
  for (let index = 0; index < count; index++) {
    const start = starts[index] ?? 0
    if (newlineAt < start) {
      const found = bytes.indexOf(newline, start)
      newlineAt = found < 0 ? Infinity : found
    }
    const wrong = structure(chunk, index, newlineAt)
    if (wrong !== undefined) refused.set(index, wrong)
    else if (!startsQuick(bytes, start)) {
      const value = slowlySafe(bytes.subarray(start, start + (lengths[index] ?? 0)), chunk.times[index] ?? 0)
      if (typeof value === "string") refused.set(index, value)
      else if (value !== undefined) replaced.set(index, value)
    }
  }
  return { chunk, replaced, refused }
}
