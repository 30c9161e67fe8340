/**
 * Reads the record set of one partition, as a Fetch answer holds it, into chunks: whole batches only, their CRC
 * checked, control batches and given-up transactions passed over, values copied. One reader serves one follower and
 * uses its memory again. It does not fetch, and knows nothing of leaders.
 *
 * @example
 * ```ts
 * const reader = new RecordSetReader({ topic: "flow", lane: 0 })
 * reader.load({ bytes, from: 42, aborted: [] })
 * for (let read = reader.next(); read !== undefined; read = reader.next()) {
 *   if ("_tag" in read) return stop(read.reason)
 *   handle(read)
 * }
 * ```
 */
import type { Chunk, Lane, Offset, Topic } from "@tailrace/log"
import { type AbortedTransaction, AbortedTransactions } from "./AbortedTransactions.ts"
import { batchAt, type BatchHeader } from "./BatchHeader.ts"
import { ChunkColumns } from "./ChunkColumns.ts"
import { decompress, isCodec, noCodec } from "./codec/Decompress.ts"
import { formatMark } from "./Mark.ts"
import { RecordCursor } from "./RecordCursor.ts"
import { encodeRecord } from "./RecordWriter.ts"
import type { Unreadable } from "./Unreadable.ts"

export type { AbortedTransaction } from "./AbortedTransactions.ts"

const emptyBytes = Buffer.alloc(0)
const defaultChunkBytes = 1_048_576
const defaultChunkRecords = 8_192
/** Of one batch: what unpacks to more is not read. */
const maxUnpackedBytes = 64 * 1_048_576

const unpackingFaults = { "too large": "over 64 MiB decompressed", damaged: "their batch does not decompress" } as const

export interface RecordSetReaderOptions {
  readonly topic: Topic
  readonly lane: Lane
  /** A chunk's records are at most so long together, unless a single one is longer; default 1 MiB. */
  readonly maxChunkBytes?: number
  /** Default 8,192. */
  readonly maxChunkRecords?: number
}

export interface RecordSet {
  /** Maybe empty, maybe cut off at the end. Not changed until `next` has answered undefined. */
  readonly bytes: Uint8Array
  /** Nothing before it is delivered. */
  readonly from: Offset
  /** In any order. */
  readonly aborted: ReadonlyArray<AbortedTransaction>
}

export class RecordSetReader {
  private readonly options: RecordSetReaderOptions
  private readonly columns: ChunkColumns
  private readonly cursor = new RecordCursor()
  private bytes: Buffer = emptyBytes
  private at = 0
  /** The first offset that is neither delivered nor passed over. */
  private position = 0
  /** Last offset of the batches met in this set. */
  private reached = -1
  private aborted = new AbortedTransactions([])
  private batch: BatchHeader | undefined
  /** The cursor's present record did not fit into the last chunk. */
  private isHeld = false
  private trouble: Unreadable | undefined
  /** In which the last record of the present chunk lies. */
  private marked: BatchHeader | undefined

  constructor(options: RecordSetReaderOptions) {
    this.options = options
    this.columns = new ChunkColumns({
      bytes: options.maxChunkBytes ?? defaultChunkBytes,
      records: options.maxChunkRecords ?? defaultChunkRecords
    })
  }

  /** Begins a new set; what was left of the one before is dropped. */
  load({ aborted, bytes, from }: RecordSet): void {
    this.release()
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.position = from
    this.reached = -1
    this.aborted = new AbortedTransactions(aborted)
    this.trouble = undefined
  }

  /** The next chunk, good until the next call; undefined: nothing left, and the bytes are let go. */
  next(): Chunk | Unreadable | undefined {
    const from = this.position
    this.columns.begin()
    this.marked = undefined
    while (this.trouble === undefined) {
      const batch = this.batch ?? this.openBatch()
      if (batch === undefined || !this.takeRecords(batch)) break
    }
    if (this.position === from) return this.finish()
    const { lane, topic } = this.options
    return { ...this.columns.chunk(), topic, lane, from, next: this.position, mark: this.chunkMark() }
  }

  private chunkMark(): string {
    const { marked } = this
    return marked === undefined ? "" : formatMark(marked.baseOffset, marked.crc)
  }

  private finish(): Unreadable | undefined {
    const { trouble } = this
    this.release()
    return trouble
  }

  private release(): void {
    this.bytes = emptyBytes
    this.at = 0
    this.closeBatch()
    this.trouble = undefined
  }

  private closeBatch(): void {
    this.batch = undefined
    this.isHeld = false
    this.cursor.close()
  }

  private refuse(reason: string, offset: Offset): undefined {
    this.trouble = { _tag: "Unreadable", reason, offset }
  }

  /** Goes on to the next batch that has something for us; what lies before it is passed over. */
  private openBatch(): BatchHeader | undefined {
    while (this.at < this.bytes.length) {
      const head = batchAt(this.bytes, this.at)
      if (head._tag === "Cut") return undefined
      if (head._tag === "Wrong") return this.refuse(head.reason, this.position)
      const { batch } = head
      if (!isCodec(batch.codec)) return this.refuse(`its codec ${batch.codec} is unknown`, batch.baseOffset)
      if (batch.baseOffset <= this.reached) return this.refuse("it lies before its predecessor", batch.baseOffset)
      this.at = batch.end
      this.reached = batch.lastOffset
      if (this.isWanted(batch)) return this.openRecords(batch)
      this.position = Math.max(this.position, batch.lastOffset + 1)
    }
    return undefined
  }

  private isWanted(batch: BatchHeader): boolean {
    const isAborted = this.aborted.covers(batch)
    if (batch.isControl) this.closeTransaction(batch)
    return !isAborted && !batch.isControl && batch.lastOffset >= this.position && batch.count > 0
  }

  /** A control record's key is version:i16 type:i16. Its batch is never compressed. */
  private closeTransaction({ baseOffset, count, end, lastOffset, producerId, recordsAt }: BatchHeader): void {
    const { bytes, cursor } = this
    cursor.open({ bytes, at: recordsAt, end, count, lastOffsetDelta: lastOffset - baseOffset })
    if (count > 0 && cursor.next() && cursor.keyLength >= 4) {
      this.aborted.close(producerId, bytes.readInt16BE(cursor.keyAt + 2))
    }
    cursor.close()
  }

  private openRecords(batch: BatchHeader): BatchHeader {
    const { baseOffset, codec, count, end, lastOffset, recordsAt } = batch
    const lastOffsetDelta = lastOffset - baseOffset
    this.batch = batch
    if (codec === noCodec) {
      this.cursor.open({ bytes: this.bytes, at: recordsAt, end, count, lastOffsetDelta })
      return batch
    }
    const unpacked = decompress({ codec, bytes: this.bytes.subarray(recordsAt, end), maxBytes: maxUnpackedBytes })
    if (typeof unpacked === "string") return this.openNote(batch, unpackingFaults[unpacked])
    this.cursor.open({ bytes: unpacked, at: 0, end: unpacked.length, count, lastOffsetDelta })
    return batch
  }

  /** One record stands for all that is left of the batch, so that it is set aside and the lane goes on. */
  private openNote(batch: BatchHeader, reason: string): BatchHeader {
    const { baseOffset, lastOffset } = batch
    const value = Buffer.from(`records ${Math.max(baseOffset, this.position)} to ${lastOffset}: ${reason}`)
    const lastOffsetDelta = lastOffset - baseOffset
    const bytes = encodeRecord({ key: null, value }, lastOffsetDelta)
    this.cursor.open({ bytes, at: 0, end: bytes.length, count: 1, lastOffsetDelta })
    return this.batch = { ...batch, isLogAppendTime: true }
  }

  /** Copies what is left of the batch; false: the chunk is full before its end. */
  private takeRecords(batch: BatchHeader): boolean {
    const before = this.columns.count
    const isDone = this.copyRecords(batch)
    if (this.columns.count > before) this.marked = batch
    if (!isDone) return false
    const { fault } = this.cursor
    if (fault !== undefined && this.position <= batch.lastOffset) {
      this.openNote(batch, `their batch cannot be read, ${fault}`)
      return true
    }
    this.position = batch.lastOffset + 1
    this.closeBatch()
    return true
  }

  private copyRecords({ baseOffset, baseTime, isLogAppendTime, maxTime }: BatchHeader): boolean {
    const { columns, cursor } = this
    while (this.isHeld || cursor.next()) {
      const offset = baseOffset + cursor.offsetDelta
      if (offset >= this.position) {
        this.isHeld = !columns.fits(cursor.length)
        if (this.isHeld) return false
        columns.add(cursor, offset, isLogAppendTime ? maxTime : baseTime + cursor.timeDelta)
        this.position = offset + 1
      }
      this.isHeld = false
    }
    return true
  }
}
