/**
 * Makes a chunk's columns from record objects. For logs that hold records as objects (the one in memory); the real
 * ones make their columns straight from bytes.
 */
import type { Chunk, LogRecord } from "./Chunk.ts"
import type { Lane, Offset, Topic } from "./Log.ts"

const newline = 0x0a
const noHeaders: Readonly<Record<string, string>> = {}

export interface ChunkSource {
  readonly topic: Topic
  readonly lane: Lane
  readonly from: Offset
  readonly next: Offset
  readonly records: ReadonlyArray<LogRecord>
  readonly mark?: string
}

const joinedBytes = (records: ReadonlyArray<LogRecord>): number =>
  records.reduce((sum, { value }) => sum + (value === null ? 0 : value.length + 1), 0)

const keyIndex = (): { readonly keys: Array<string | null>; readonly indexOf: (key: string | null) => number } => {
  const keys: Array<string | null> = []
  const known = new Map<string | null, number>()
  const indexOf = (key: string | null): number => {
    const found = known.get(key)
    if (found !== undefined) return found
    known.set(key, keys.length)
    return keys.push(key) - 1
  }
  return { keys, indexOf }
}

/** One chunk of all the records: values joined by newlines, each distinct key once. */
export const buildChunk = (source: ChunkSource): Chunk => {
  const { records } = source
  const count = records.length
  const bytes = new Uint8Array(joinedBytes(records))
  const starts = new Uint32Array(count)
  const lengths = new Int32Array(count)
  const keyOf = new Uint32Array(count)
  const { indexOf, keys } = keyIndex()
  let end = 0
  records.forEach(({ key, value }, index) => {
    starts[index] = end
    keyOf[index] = indexOf(key)
    lengths[index] = value === null ? -1 : value.length
    if (value === null) return
    bytes.set(value, end)
    end += value.length + 1
    bytes[end - 1] = newline
  })
  return {
    topic: source.topic,
    lane: source.lane,
    from: source.from,
    next: source.next,
    count,
    bytes,
    starts,
    lengths,
    offsets: Float64Array.from(records, ({ offset }) => offset),
    times: Float64Array.from(records, ({ time }) => time),
    keys,
    keyOf,
    mark: source.mark ?? "",
    headersAt: (index) => records[index]?.headers ?? noHeaders
  }
}
