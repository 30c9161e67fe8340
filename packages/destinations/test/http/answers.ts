/** What the tables of answers share. */
import type { HttpResponse } from "../../src/network/HttpSender.ts"

export const secret = "s3cr3t-t0ken"

export const nowMillis = Date.UTC(2026, 5, 3, 12)

export const reading = { nowMillis, secrets: [secret] }

export const response = (status: number, body: unknown = "", more: Partial<HttpResponse> = {}): HttpResponse => ({
  status,
  headers: {},
  text: typeof body === "string" ? body : JSON.stringify(body),
  truncated: false,
  ...more
})
