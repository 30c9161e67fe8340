/** Any endpoint, with each scheme and both formats. */
import { HttpConfig } from "@tailrace/domain"
import type { Specimen } from "../Specimen.ts"

const lines = (body: Buffer): number => {
  const all = body.toString().split("\n").filter((line) => line !== "")
  for (const line of all) JSON.parse(line)
  return all.length
}

type Form = Pick<HttpConfig, "format" | "scheme"> & { readonly user?: string }

const specimen = (form: Form): Specimen => ({
  config: (origin) => HttpConfig.make({ url: `${origin}/in?tenant=a`, headers: { "X-Scope-OrgID": "a" }, ...form }),
  secret: "a-secret-that-nobody-else-has",
  healthy: () => ({ status: 204 }),
  events: form.format === "json" ? (body) => JSON.parse(body.toString()).length : lines,
  notSuccess: [],
  answers: [{ what: "any success", said: { status: 299, body: "{\"error\":true}" }, is: { _tag: "Accepted" } }]
})

export const httpBearerSpecimen = specimen({ format: "ndjson", scheme: "bearer" })
export const httpBasicSpecimen = specimen({ format: "json", scheme: "basic", user: "tailrace" })
export const httpHmacSpecimen = specimen({ format: "ndjson", scheme: "hmac" })
