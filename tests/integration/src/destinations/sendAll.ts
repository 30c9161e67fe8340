/**
 * Sends records through a receiver as a leg does, but one request after another and without waiting: what is to be sent
 * again is sent next, what is too large is halved, what is refused is put aside with its reason.
 */
import type { Receiver, Records } from "@tailrace/destinations"
import type { Codec, ReceiverAnswer } from "@tailrace/domain"
import { Clock, Effect } from "effect"
import { gzipSync, zstdCompressSync } from "node:zlib"

export interface Outcome {
  /** By the record's index. */
  readonly refused: ReadonlyMap<number, string>
  readonly answers: ReadonlyArray<ReceiverAnswer>
  /** Ended before all was sent: what the owner is told. */
  readonly suspended: string | undefined
}

const compress: Readonly<Record<Codec, (body: Uint8Array) => Uint8Array>> = {
  none: (body) => body,
  gzip: (body) => gzipSync(body, { level: 1 }),
  zstd: (body) => zstdCompressSync(body)
}

/** More than any test needs. */
const requestsAtMost = 500

/** Records as the log holds them, one a line; `index` is where each was. */
const recordsAt = (texts: ReadonlyArray<string>, indexes: ReadonlyArray<number>): Records => {
  const pieces = indexes.map((index) => Buffer.from(`${texts[index] ?? ""}\n`))
  const ends: Array<number> = []
  let at = 0
  for (const piece of pieces) {
    at += piece.length
    ends.push(at - 1)
  }
  const starts = ends.map((end, index) => end + 1 - (pieces[index]?.length ?? 0))
  return { bytes: Buffer.concat(pieces), count: indexes.length, starts, ends, offsets: indexes }
}

type Indexes = ReadonlyArray<number>

class Delivery {
  readonly refused = new Map<number, string>()
  readonly answers: Array<ReceiverAnswer> = []
  suspended: string | undefined
  readonly #left: Array<Indexes>

  constructor(count: number) {
    this.#left = [Array.from({ length: count }, (_, index) => index)]
  }

  next(): Indexes | undefined {
    const next = this.#left.shift()
    return next?.length === 0 ? this.next() : next
  }

  first(...lists: ReadonlyArray<Indexes>): void {
    this.#left.unshift(...lists)
  }

  take(answer: ReceiverAnswer, sent: Indexes): void {
    this.answers.push(answer)
    const at = (index: number) => sent[index] ?? -1
    if (answer._tag === "Transient") this.first(sent)
    else if (answer._tag === "Misconfigured") this.suspended = answer.message
    else if (answer._tag === "Partly") {
      for (const { index, reason } of answer.refused) this.refused.set(at(index), reason)
      this.first(answer.again.map(at))
    } else if (answer._tag === "TooLarge") {
      const half = Math.ceil(sent.length / 2)
      if (sent.length === 1) this.refused.set(at(0), answer.message)
      else this.first(sent.slice(0, half), sent.slice(half))
    }
  }
}

/** `nowMillis` is what the encoder takes for the time; the clock's by default. */
export const sendAll = Effect.fn("sendAll")(function*(
  receiver: Receiver,
  texts: ReadonlyArray<string>,
  { codec = "none", nowMillis }: { readonly codec?: Codec; readonly nowMillis?: number } = {}
) {
  const delivery = new Delivery(texts.length)
  const into = new Uint8Array(receiver.limits.requestBytes)
  let indexes = delivery.next()
  while (indexes !== undefined && delivery.suspended === undefined && delivery.answers.length < requestsAtMost) {
    const looked = indexes
    const now = nowMillis ?? (yield* Clock.currentTimeMillis)
    const { bytes, refused, taken } = receiver.encode(recordsAt(texts, looked), into, now)
    for (const { index, reason } of refused) delivery.refused.set(looked[index] ?? -1, reason)
    delivery.first(looked.slice(taken))
    const kept = new Set(refused.map(({ index }) => index))
    const sent = looked.slice(0, taken).filter((_, index) => !kept.has(index))
    const body = compress[codec](into.slice(0, bytes))
    const request = { body, codec, count: sent.length, contentBytes: bytes }
    if (bytes > 0) delivery.take(yield* receiver.send(request, {}), sent)
    indexes = delivery.next()
  }
  const { answers, refused, suspended } = delivery
  return { answers, refused, suspended } satisfies Outcome
})
