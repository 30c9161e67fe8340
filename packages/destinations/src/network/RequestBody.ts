/**
 * Adapter: how the body of a request goes out. Some servers ask for it first and refuse then, and close with the body
 * unread: their answer would be lost behind a broken write. So a large body waits until it is asked for, and there is a
 * pause for an answer after a first piece.
 */
import { Duration } from "effect"
import type { ClientRequest } from "node:http"

/** From this size on the server is asked first (`Expect: 100-continue`), so that a refusal costs no upload … */
export const askFirstBytes = 1024 * 1024

/** … but a server that does not answer the question gets the body anyway. */
const continueTimeout = Duration.seconds(1)

/** A server that asks for the body and then refuses has this long to say so, after the first piece. */
const answerPause = Duration.millis(100)
const firstPieceBytes = 64 * 1024

export interface Body {
  /** Sent one after another, without being joined. */
  readonly pieces: ReadonlyArray<Uint8Array>
  /** `Expect: 100-continue` was sent. */
  readonly askFirst: boolean
  /** TLS. */
  readonly secure: boolean
}

/** Runs when the connection is up; at once on one that is used again. */
export const onConnected = (request: ClientRequest, secure: boolean, run: () => void) =>
  request.once("socket", (socket) => {
    if (request.reusedSocket || !socket.connecting) run()
    else socket.once(secure ? "secureConnect" : "connect", run)
  })

const endWith = (request: ClientRequest, pieces: ReadonlyArray<Uint8Array>) => {
  for (const piece of pieces.slice(0, -1)) request.write(piece)
  request.end(pieces.at(-1))
}

const firstAndRest = ([head = new Uint8Array(), ...tail]: ReadonlyArray<Uint8Array>) =>
  head.byteLength <= firstPieceBytes
    ? { first: head, rest: tail }
    : { first: head.subarray(0, firstPieceBytes), rest: [head.subarray(firstPieceBytes), ...tail] }

/** Sends the body when the server asks for it, or has not said anything for a while; never after a final answer. */
const sendWhenAsked = (request: ClientRequest, { pieces, secure }: Body) => {
  let timer: NodeJS.Timeout | undefined
  let begun = false
  const later = (run: () => void, pause: Duration.Duration) => {
    clearTimeout(timer)
    timer = setTimeout(run, Duration.toMillis(pause))
  }
  const begin = () => {
    if (begun) return
    begun = true
    const { first, rest } = firstAndRest(pieces)
    request.write(first)
    later(() => endWith(request, rest), answerPause)
  }
  request.once("continue", begin)
  request.once("response", (response) => {
    begun = true
    clearTimeout(timer)
    if (!request.writableEnded) response.once("close", () => request.destroy())
  })
  request.once("close", () => clearTimeout(timer))
  onConnected(request, secure, () => {
    if (!begun) later(begin, continueTimeout)
  })
}

/** A server that refused may have left the body unread on the connection, and take it for the next request. */
const leaveWhenRefused = (request: ClientRequest) =>
  request.once("response", ({ statusCode = 0 }) => {
    if (statusCode >= 300) request.shouldKeepAlive = false
  })

/** Before anything else is written to the request. */
export const sendBody = (request: ClientRequest, body: Body) => {
  if (body.pieces.some((piece) => piece.byteLength > 0)) leaveWhenRefused(request)
  if (body.askFirst) sendWhenAsked(request, body)
  else endWith(request, body.pieces)
}
