/**
 * The body of an upload: metadata and content in two parts, as only this form carries metadata in one request.
 * https://cloud.google.com/storage/docs/uploading-objects#rest-upload-objects (multipart uploads)
 */
import { crc32c } from "@node-rs/crc32"
import { randomUUID } from "node:crypto"
import type { ObjectToPut } from "../ObjectStore.ts"
import { headerValue } from "../store/HeaderValue.ts"

export interface Upload {
  readonly headers: Readonly<Record<string, string>>
  /** The object's bytes are one of them, not copied. */
  readonly pieces: ReadonlyArray<Uint8Array>
}

/** Big-endian, base64: https://cloud.google.com/storage/docs/data-validation */
export const checksum = (bytes: Uint8Array): string => {
  const four = Buffer.alloc(4)
  four.writeUInt32BE(crc32c(bytes))
  return four.toString("base64")
}

const utf8 = (text: string) => new TextEncoder().encode(text)

/** Drawn after the content is fixed, so that no record can hold it. */
const newBoundary = () => `tailrace-${randomUUID()}`

export const uploadOf = ({ body, contentType, metadata }: ObjectToPut): Upload => {
  const boundary = newBoundary()
  const crc = checksum(body)
  const values = Object.entries(metadata).map(([name, value]) => [name, headerValue(value)])
  const object = JSON.stringify({ contentType, crc32c: crc, metadata: Object.fromEntries(values) })
  const head = `--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${object}\r\n` +
    `--${boundary}\r\nContent-Type: ${contentType}\r\n\r\n`
  return {
    headers: { "Content-Type": `multipart/related; boundary=${boundary}`, "x-goog-hash": `crc32c=${crc}` },
    pieces: [utf8(head), body, utf8(`\r\n--${boundary}--\r\n`)]
  }
}
