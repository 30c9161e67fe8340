/** Counts each record in the objects of a bucket; one object is in memory at a time for each of a few readers. */
import { Effect } from "effect"
import { isCanary } from "../checker/StoredObjects.ts"
import { zstdContent } from "../checker/zstdContent.ts"
import type { Bucket } from "../s3/Bucket.ts"
import { idDigits, type Produced } from "./VolumeProducer.ts"

export interface StoredRecords {
  readonly objects: number
  /** How often each record was found, by its number. */
  readonly huge: Uint8Array
  readonly small: Uint8Array
  /** Lines that nobody produced. */
  foreign: number
}

const newline = 0x0a
const idStart = Buffer.from("\"nodeId\":\"p-")
/** Before it, each line has only what every record begins with. */
const searchBytes = 80

const count = (stored: StoredRecords, line: Buffer): void => {
  const at = line.subarray(0, searchBytes).indexOf(idStart) + idStart.length
  const counts = line[at] === 0x68 ? stored.huge : stored.small
  const number = Number(line.toString("latin1", at + 1, at + 1 + idDigits))
  if (at < idStart.length || !(number < counts.length)) stored.foreign++
  else counts[number] = (counts[number] ?? 0) + 1
}

const countLines = (stored: StoredRecords, content: Buffer): void => {
  for (let start = 0; start < content.length;) {
    const found = content.indexOf(newline, start)
    const end = found < 0 ? content.length : found
    count(stored, content.subarray(start, end))
    start = end + 1
  }
}

const readers = 4

export const countStored = Effect.fn("countStored")(function*(bucket: Bucket, totals: Produced) {
  const keys = (yield* bucket.keys()).filter((key) => !isCanary(key))
  const stored: StoredRecords = {
    objects: keys.length,
    huge: new Uint8Array(totals.huge),
    small: new Uint8Array(totals.small),
    foreign: 0
  }
  const read = (key: string) =>
    bucket.get(key).pipe(
      Effect.flatMap((body) => Effect.promise(() => zstdContent(body))),
      Effect.map((content) => countLines(stored, Buffer.from(content)))
    )
  yield* Effect.forEach(keys, read, { concurrency: readers, discard: true })
  return stored
})
