/** Reads a request's body into a sink, within the limits of the request and of the process. */
import { Effect, Stream } from "effect"
import type { HttpServerRequest } from "effect/http"
import type { Share } from "../IngestBudget.ts"
import { codingOf, decompress } from "./ContentCoding.ts"
import { BodyTooLarge, BodyUnreadable, type OverBudget, type RequestFault } from "./RequestFault.ts"

/** What is fed with the body, piece by piece, however the network cut it. */
export interface BodySink {
  push(piece: Uint8Array): void
}

/** Counts pieces against the request's limit and the process's budget. */
type Push = (piece: Uint8Array) => void

const within = (share: Share) => {
  const maxBytes = share.limits.maxBodyBytes
  let bytes = 0
  return (piece: Uint8Array, push: Push): Effect.Effect<void, BodyTooLarge | OverBudget> => {
    bytes += piece.length
    if (bytes > maxBytes) return Effect.fail(new BodyTooLarge({ maxBytes }))
    return Effect.map(share.take(piece.length), () => push(piece))
  }
}

const cutOff = () => new BodyUnreadable({ reason: "it ended early" })

/** All of it went into the sink, or it fails; what is in the sink then is worth nothing. */
export const readBody: (
  request: HttpServerRequest.HttpServerRequest,
  share: Share,
  sink: BodySink
) => Effect.Effect<void, RequestFault> = Effect.fnUntraced(function*(request, share, sink) {
  const coding = yield* codingOf(request.headers["content-encoding"])
  const take = within(share)
  const toSink = (piece: Uint8Array) => sink.push(piece)
  const pieces = Stream.mapError(request.stream, cutOff)
  if (coding === "identity") return yield* Stream.runForEach(pieces, (piece) => take(piece, toSink))
  const compressed: Array<Uint8Array> = []
  yield* Stream.runForEach(pieces, (piece) => take(piece, (taken) => compressed.push(taken)))
  const count = within(share)
  yield* decompress(coding, Buffer.concat(compressed), (piece) => count(piece, toSink))
})
