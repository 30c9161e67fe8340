/**
 * The scheme `hmac`: HMAC-SHA256 with the secret over the time, a point, and the body as it is sent (so, compressed).
 * How a receiver checks it is in docs/http-destination.md.
 */
import { createHmac } from "node:crypto"

/** `v1=` and the digest in lower-case hexadecimal; `time` is in Unix seconds. */
export const signature = (secret: string, time: number, body: Uint8Array): string =>
  `v1=${createHmac("sha256", secret).update(`${time}.`).update(body).digest("hex")}`

export const signatureHeaders = (secret: string, time: number, body: Uint8Array): Readonly<Record<string, string>> => ({
  "X-Tailrace-Timestamp": `${time}`,
  "X-Tailrace-Signature": signature(secret, time, body)
})
