/** Datadog's logs intake. */
import { DatadogConfig } from "@tailrace/domain"
import type { Specimen } from "../Specimen.ts"

const said = (status: number, detail: string) => ({ status, body: JSON.stringify({ errors: [{ detail }] }) })

export const datadogSpecimen: Specimen = {
  config: (origin) => DatadogConfig.make({ url: `${origin}/api/v2/logs` }),
  secret: "0123456789abcdef0123456789abcdef",
  healthy: () => ({ status: 202, body: "{}" }),
  events: (body) => JSON.parse(body.toString()).length,
  notSuccess: [],
  answers: [
    { what: "an entry that is not liked", said: said(400, "Invalid JSON"), is: { _tag: "TooLarge", status: 400 } },
    { what: "too large", said: said(413, "Payload too large"), is: { _tag: "TooLarge", status: 413 } },
    { what: "a key of another site", said: said(403, "Forbidden"), is: { _tag: "Misconfigured", status: 403 } }
  ]
}
