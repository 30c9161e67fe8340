/** Adapter: the `_time`s of a request's events, read from the body as it was sent; only needed when some failed. */
import { gunzipSync } from "node:zlib"
import type { ReceiverRequest } from "../Receiver.ts"
import { lineFront } from "./AxiomEncoder.ts"

const newline = 0x0a

export const sentTimes = ({ body, codec, contentBytes }: ReceiverRequest): ReadonlyArray<string> => {
  const bytes = codec === "gzip"
    ? gunzipSync(body, { maxOutputLength: contentBytes })
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const times: Array<string> = []
  for (let at = 0; at < bytes.length; at = bytes.indexOf(newline, at) + 1) {
    const from = at + lineFront.length
    times.push(bytes.toString("latin1", from, bytes.indexOf("\"", from)))
  }
  return times
}
