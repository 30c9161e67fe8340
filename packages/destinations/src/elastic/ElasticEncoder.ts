/**
 * Records as `_bulk` operations for a data stream, which takes only `create` and needs `@timestamp`: the record's own
 * time (a flow record's middle, an audit record's `eventTime`, else `logged`) in milliseconds, as a `date` has it.
 *
 * ```
 * {"create":{"_id":"<destination>-<lane>-<offset>-<logged>"}}
 * {"@timestamp":"<RFC 3339>",<members>}
 * ```
 *
 * The id follows from where the record lies, so a record that is sent again is the same document, and from when it was
 * logged, so that a topic that was made anew, whose offsets begin again, has documents of its own. It holds within one
 * backing index: Elasticsearch does not look for ids behind a rollover.
 */
import { createHash } from "node:crypto"
import type { Receiver, ReceiverContext } from "../Receiver.ts"
import { DatedEntry, type RecordPlace } from "../record/DatedEntry.ts"
import { fillEntries } from "../record/entries.ts"
import type { RecordReader } from "../record/RecordReader.ts"
import { elasticLimits } from "./ElasticLimits.ts"

/** Longer than any time; ids have at most 512 bytes. */
const longestTime = 40

const plain = new Set(Buffer.from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.:+-"))

/** Times as ingest writes them need no quoting in an id. */
const isPlain = (bytes: Buffer, from: number, to: number): boolean => {
  if (to <= from || to - from > longestTime) return false
  for (let at = from; at < to; at++) if (!plain.has(bytes[at] ?? 0)) return false
  return true
}

const end = Buffer.from("\"}}\n")

export const elasticEncoder = ({ destination, lane, topic }: ReceiverContext): Receiver["encode"] => {
  const operation = Buffer.from(`{"create":{"_id":"${destination}-${lane}-`)
  const writeLead = (into: Buffer, { loggedFrom, loggedTo }: RecordReader, place: RecordPlace): number => {
    let at = operation.copy(into)
    at += into.write(`${place.offset}-`, at, "latin1")
    // Tells two records apart that had the same offset in topics of the same name.
    if (isPlain(place.bytes, loggedFrom + 1, loggedTo - 1)) {
      at += place.bytes.copy(into, at, loggedFrom + 1, loggedTo - 1)
    } else {
      const digest = createHash("sha256").update(place.bytes.subarray(place.start, place.end)).digest("hex")
      at += into.write(digest, at, "latin1")
    }
    return at + end.copy(into, at)
  }
  const entry = new DatedEntry({ topic, front: `{"@timestamp":`, names: ["@timestamp"], isLine: true, writeLead })
  return (records, into, nowMillis) =>
    fillEntries(records, into, { limits: elasticLimits, framing: "lines", entry: entry.of(records, nowMillis) })
}
