/**
 * Beginning a request: the next parcel is encoded, compressed and handed over; its answer is awaited elsewhere. Only
 * the leg's own fiber begins requests, one after the other, so they begin in log order.
 */
import type { Encoded, Receiver, ReceiverRequest } from "@tailrace/destinations"
import type { Codec, ReceiverAnswer } from "@tailrace/domain"
import { Clock, Effect, Exit, Metric, Scope } from "effect"
import { monotonicMillis } from "../leg/deadline.ts"
import { capabilitiesOf } from "../leg/Probing.ts"
import * as Metrics from "../Metrics.ts"
import { type Flight, settle } from "./Answers.ts"
import type { Parcel } from "./Parcel.ts"
import { commitProgress } from "./Progress.ts"
import type { Opened, ReceiverLeg } from "./ReceiverLeg.ts"
import { leastBytes } from "./Requests.ts"

/** A body, and what its memory needs afterwards. */
interface Body {
  readonly bytes: Uint8Array
  readonly giveBack: () => void
}

/** What is configured, where the receiver takes it. */
const codecFor = (leg: ReceiverLeg, { limits }: Receiver): Codec => {
  const { codec } = leg.version.upload
  return limits.codecs.includes(codec) ? codec : "none"
}

const nothing = (): void => {}

/** The encoded bytes as they are sent. Small bodies are copied, so that the large buffer is free for others at once. */
const bodyOf = Effect.fnUntraced(function*(
  leg: ReceiverLeg,
  codec: Codec,
  encoded: { readonly buffer: Uint8Array<ArrayBuffer>; readonly bytes: number }
): Effect.fn.Return<Body> {
  const { buffers, compression } = leg.services.requests
  const { buffer, bytes } = encoded
  const content = buffer.subarray(0, bytes)
  if (codec === "none" && bytes > buffer.length / 4) return { bytes: content, giveBack: () => buffers.give(buffer) }
  const body = codec === "none" ? content.slice() : yield* compression.compress(codec, content, "request")
  buffers.give(buffer)
  return { bytes: body, giveBack: nothing }
})

/** The records that are in the request: those that were looked at, but for the ones that the type itself refuses. */
const sift = (leg: ReceiverLeg, parcel: Parcel, { refused, taken }: Encoded): Parcel => {
  leg.batching.sendAgain(parcel.slice(taken, parcel.count))
  for (const { index, reason } of refused) parcel.batch.refuse(parcel.indexOf(index), reason)
  const looked = parcel.slice(0, taken)
  if (refused.length === 0) return looked
  const numbers = new Set(refused.map(({ index }) => index))
  return looked.pick(Array.from({ length: taken }, (_, n) => n).filter((n) => !numbers.has(n)))
}

const count = (answer: ReceiverAnswer) =>
  Metric.update(Metric.withAttributes(Metrics.attempts, { class: answer._tag }), 1)

/** What is sent, and what is to be known of it when it is answered. */
interface Sent {
  readonly request: ReceiverRequest
  readonly flight: Flight
}

/** One request from its beginning to its answer. */
const fly = (leg: ReceiverLeg, { receiver, target }: Opened, { flight, request }: Sent) =>
  Effect.gen(function*() {
    const begun = yield* monotonicMillis
    const answer = yield* receiver.send(request, capabilitiesOf(leg, target) ?? {})
    const millis = (yield* monotonicMillis) - begun
    yield* count(answer)
    settle(leg, flight, { answer, millis, now: yield* Clock.currentTimeMillis })
  })

const inFlight = (change: number) => Metric.modify(Metrics.requestsInFlight, change)

/** Runs the request beside the leg's fiber. */
const launch = (leg: ReceiverLeg, flight: Effect.Effect<void>, giveBack: Effect.Effect<void>): Effect.Effect<void> => {
  leg.requests++
  leg.landing++
  const answered = Effect.sync(() => {
    leg.requests--
    leg.wake()
  })
  const landed = Effect.sync(() => {
    leg.landing--
    leg.wake()
  })
  return leg.services.run(
    inFlight(1).pipe(
      Effect.andThen(flight),
      Effect.ensuring(Effect.andThen(giveBack, Effect.andThen(inFlight(-1), answered))),
      Effect.andThen(commitProgress(leg)),
      Effect.ensuring(landed)
    )
  )
}

/** The part of a batch that fits into one request as a rule; and by how much it grows while all of it does. */
const slack = 0.97
const growth = 1.002

/** Learns from what the encoder took how large batches should be: a batch that is too large leaves a small rest. */
const learn = (leg: ReceiverLeg, parcel: Parcel, taken: number): void => {
  const { batching, services: { limits } } = leg
  const { bytes, records } = batching.target
  if (taken < parcel.count) {
    const fitting = parcel.slice(0, taken).bytes * slack
    if (taken < records) batching.target = { bytes: Math.max(leastBytes, Math.floor(fitting)), records }
  } else if (parcel.bytes > bytes / 2) {
    batching.target = { bytes: Math.min(limits.batchBytes, leg.bytesMax, Math.ceil(bytes * growth)), records }
  }
}

const encodeAndSend = Effect.fnUntraced(function*(
  leg: ReceiverLeg,
  opened: Opened,
  { parcel, scope }: { readonly parcel: Parcel; readonly scope: Scope.Closeable }
) {
  const { receiver } = opened
  const { buffers } = leg.services.requests
  const { requestBytes, requestRecords } = receiver.limits
  const buffer = buffers.take(requestBytes)
  const now = yield* Clock.currentTimeMillis
  const encoded = receiver.encode(parcel.records, buffer.subarray(0, requestBytes), now)
  learn(leg, parcel, encoded.taken)
  const sent = sift(leg, parcel, encoded)
  if (encoded.bytes === 0) {
    buffers.give(buffer)
    yield* Scope.close(scope, Exit.void)
    return yield* leg.services.run(commitProgress(leg))
  }
  const codec = codecFor(leg, receiver)
  const body = yield* bodyOf(leg, codec, { buffer, bytes: encoded.bytes })
  const isFull = encoded.bytes * 2 > requestBytes || sent.count * 2 > requestRecords
    || sent.bytes * 2 > leg.batching.target.bytes
  const flight = { parcel: sent, isFull, bytes: body.bytes.length, contentBytes: encoded.bytes }
  const request = { body: body.bytes, codec, count: sent.count, contentBytes: encoded.bytes }
  const giveBack = Effect.andThen(Effect.sync(body.giveBack), Scope.close(scope, Exit.void))
  yield* launch(leg, fly(leg, opened, { flight, request }), giveBack)
})

/** Begins the next request, if there is something to send. */
export const begin = Effect.fnUntraced(function*(leg: ReceiverLeg, opened: Opened) {
  const parcel = leg.batching.next(leg.isFailing ? Math.min(leastBytes, leg.bytesMax) : leg.bytesMax)
  leg.isHoldingBack = false
  if (parcel === null || parcel.count === 0) return yield* leg.services.run(commitProgress(leg))
  const scope = yield* Scope.fork(leg.services.scope)
  yield* Scope.provide(leg.services.bodies.take(Math.min(opened.receiver.limits.requestBytes, parcel.bytes * 2)), scope)
  yield* encodeAndSend(leg, opened, { parcel, scope })
})
