/**
 * What a leg does with a receiver, as plainly as can be: one request at a time, what is to be sent again at once,
 * halves of what is too large. Real legs are in delivery's tests; here it is about what a service makes of it.
 */
import type { Receiver, Records } from "@tailrace/destinations"
import type { Capabilities, Codec, ReceiverAnswer } from "@tailrace/domain"
import { Effect } from "effect"
import { gzipSync, zstdCompressSync } from "node:zlib"

export interface Outcome {
  readonly answers: Array<ReceiverAnswer>
  /** Why, by index of the record. */
  readonly refused: Map<number, string>
}

export interface How {
  readonly codec?: Codec
  readonly known?: Capabilities
  /** Records of one parcel, before the receiver says how many it takes. */
  readonly parcel?: number
}

/** Requests that are not taken for this many times end it. */
const patience = 50

const compress: Readonly<Record<Codec, (body: Uint8Array) => Uint8Array>> = {
  none: (body) => body.slice(),
  gzip: (body) => gzipSync(body, { level: 1 }),
  zstd: (body) => zstdCompressSync(body)
}

const recordsOf = (texts: ReadonlyArray<string>): Records => {
  const pieces = texts.map((text) => Buffer.from(text))
  const starts: Array<number> = []
  const ends: Array<number> = []
  let at = 0
  for (const piece of pieces) {
    starts.push(at)
    at += piece.length
    ends.push(at)
  }
  return { bytes: Buffer.concat(pieces), count: texts.length, starts, ends, offsets: starts.map((_, index) => index) }
}

const inParcels = (count: number, size: number): Array<ReadonlyArray<number>> =>
  Array.from(
    { length: Math.ceil(count / size) },
    (_, parcel) => Array.from({ length: Math.min(size, count - parcel * size) }, (_, index) => parcel * size + index)
  )

/** What is left of a parcel after its answer; refusals are noted. */
const leftOf = (sent: ReadonlyArray<number>, answer: ReceiverAnswer, { refused }: Outcome) => {
  const nameOf = (index: number) => sent[index] ?? -1
  if (answer._tag === "Partly") {
    for (const { index, reason } of answer.refused) refused.set(nameOf(index), reason)
    return [answer.again.map(nameOf)]
  }
  if (answer._tag === "TooLarge" && sent.length === 1) refused.set(nameOf(0), answer.message)
  if (answer._tag === "TooLarge" && sent.length > 1) {
    return [sent.slice(0, sent.length / 2), sent.slice(sent.length / 2)]
  }
  return answer._tag === "Transient" ? [sent] : []
}

/** Until all are taken or refused, or the answer is one for an owner. */
export const deliverAll = Effect.fn("deliverAll")(
  function*(receiver: Receiver, texts: ReadonlyArray<string>, { codec = "gzip", known = {}, parcel }: How = {}) {
    const outcome: Outcome = { answers: [], refused: new Map() }
    const parcels = inParcels(texts.length, parcel ?? texts.length)
    const into = new Uint8Array(receiver.limits.requestBytes)
    for (let failures = 0; parcels.length > 0 && failures < patience;) {
      const indexes = parcels.shift() ?? []
      if (indexes.length === 0) continue
      const encoded = receiver.encode(recordsOf(indexes.map((index) => texts[index] ?? "")), into, wallMillis())
      for (const { index, reason } of encoded.refused) outcome.refused.set(indexes[index] ?? -1, reason)
      const sent = indexes.slice(0, encoded.taken).filter((index) => !outcome.refused.has(index))
      parcels.unshift(indexes.slice(encoded.taken))
      if (encoded.bytes === 0) continue
      const body = compress[codec](into.subarray(0, encoded.bytes))
      const answer = yield* receiver.send({ body, codec, count: sent.length, contentBytes: encoded.bytes }, known)
      outcome.answers.push(answer)
      parcels.unshift(...leftOf(sent, answer, outcome))
      if (answer._tag === "Transient") failures++
      if (answer._tag === "Misconfigured") return outcome
    }
    return outcome
  }
)

const wallMillis = () => Date.now()
