/**
 * What waits to be appended to one lane of one topic: what comes while a batch is under way is merged into the next.
 * Plain synchronous state, no clock and no network.
 */
import type { Entry, LogError, Offset } from "@tailrace/log"
import { Deferred, Effect } from "effect"
import { batchesOf, encodedBytes } from "../batch/BatchSize.ts"

/**
 * An encoded batch is at most so large, or holds one record. The topics' default lets 1,048,588 bytes through; a little
 * less than 1 MiB makes a request of one that fits into 1 MiB too, for kafkajs takes the next power of two.
 */
export const maxBatchBytes = 1_044_480

/** One caller's append. */
export interface Submission {
  readonly bytes: number
  /** When it was handed in, in epoch milliseconds. */
  readonly since: number
  readonly result: Deferred.Deferred<{ readonly baseOffset: Offset }, LogError>
  /** Of its first entry; undefined before that one is stored. */
  baseOffset: Offset | undefined
}

/** So much of an append as goes into one batch. */
interface Piece {
  readonly of: Submission
  readonly entries: ReadonlyArray<Entry>
  readonly bytes: number
  readonly isLast: boolean
}

/** What goes as the next batch. */
export interface Sealed {
  readonly entries: ReadonlyArray<Entry>
  readonly pieces: ReadonlyArray<Piece>
}

/** The entries as they will be sent if nothing is merged with them. */
export interface Cut {
  readonly parts: ReadonlyArray<{ readonly entries: ReadonlyArray<Entry>; readonly bytes: number }>
  readonly bytes: number
}

export const cut = (entries: ReadonlyArray<Entry>): Cut => {
  const parts = batchesOf(entries, maxBatchBytes).map((part) => ({ entries: part, bytes: encodedBytes(part) }))
  return { parts, bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0) }
}

export class AppendQueue {
  private waiting: Array<Piece> = []
  private readonly release: (bytes: number) => void

  /** `release` is told of all bytes that were added, once each, when they wait no longer. */
  constructor(release: (bytes: number) => void) {
    this.release = release
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0
  }

  add({ bytes, parts }: Cut, since: number): Submission {
    const of: Submission = { bytes, since, result: Deferred.makeUnsafe(), baseOffset: undefined }
    parts.forEach((part, index) => this.waiting.push({ of, ...part, isLast: index === parts.length - 1 }))
    return of
  }

  /** Takes the first pieces that fit into one batch. There must be some. */
  seal(): Sealed {
    let bytes = 0
    const end = this.waiting.findIndex((piece, index) => {
      bytes += piece.bytes
      return index > 0 && bytes > maxBatchBytes
    })
    const pieces = this.waiting.splice(0, end < 0 ? this.waiting.length : end)
    const [first] = pieces
    const entries = first !== undefined && pieces.length === 1
      ? first.entries
      : pieces.flatMap((piece) => piece.entries)
    return { entries, pieces }
  }

  /** The sealed batch is stored from `base` on. */
  settle({ pieces }: Sealed, base: Offset): void {
    let offset = base
    for (const { bytes, entries, isLast, of } of pieces) {
      of.baseOffset ??= offset
      offset += entries.length
      this.release(bytes)
      if (isLast) Deferred.doneUnsafe(of.result, Effect.succeed({ baseOffset: of.baseOffset }))
    }
  }

  /** The sealed batch is not known to be stored; nothing more is sent of the appends that it holds the beginning of. */
  fail({ pieces }: Sealed, error: LogError): void {
    for (const { bytes, of } of pieces) {
      this.release(bytes)
      this.end(of, error)
    }
  }

  /** Appends that have waited since before `before` end too. */
  failOlder(before: number, error: LogError): void {
    const old = new Set(this.waiting.filter(({ of }) => of.since < before).map(({ of }) => of))
    for (const submission of old) this.end(submission, error)
  }

  /** Nobody waits for it any more: what is not sealed yet is not sent. */
  withdraw(submission: Submission): void {
    const left = this.waiting.filter(({ of }) => of === submission)
    if (left.length === 0) return
    this.waiting = this.waiting.filter(({ of }) => of !== submission)
    for (const { bytes } of left) this.release(bytes)
  }

  private end(submission: Submission, error: LogError): void {
    this.withdraw(submission)
    Deferred.doneUnsafe(submission.result, Effect.fail(error))
  }
}
