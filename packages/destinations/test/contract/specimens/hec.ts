/** The family of Splunk's event collector. */
import { CriblConfig, CrowdstrikeConfig, PantherConfig, SplunkConfig } from "@tailrace/domain"
import type { Got, Said } from "../../network/ScriptedServer.ts"
import type { Meant, Specimen } from "../Specimen.ts"

const secret = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
const common = { scheme: "auto", acknowledge: "auto" } as const

const said = (status: number, code: number, more: object = {}): Said => ({
  status,
  body: JSON.stringify({ text: "Words", code, ...more })
})

const collector = ({ body, path }: Got): Said => {
  if (path.includes("/ack")) return said(400, 14)
  return body.length === 0 ? said(400, 5) : said(200, 0)
}

/** Whole objects one after another, with nothing or a line break between them; questions about them are none. */
const objects = (body: Buffer): number => {
  const text = body.toString().trim()
  return text === "" || text.startsWith("{\"acks\"") ?
    0 :
    text.split(/\}\s*(?=\{"(?:time|_time)":\d)/).map((part, index, all) =>
      JSON.parse(index < all.length - 1 ? `${part}}` : part)
    ).length
}

const answers: ReadonlyArray<Meant> = [
  { what: "nearly full", said: said(200, 24), is: { _tag: "Accepted", slower: true } },
  { what: "one is at fault", said: said(400, 6, { "invalid-event-number": 1 }), is: { _tag: "Partly", again: [2] } },
  { what: "busy", said: said(503, 9), is: { _tag: "Transient", maybeStored: false } },
  { what: "an error inside", said: said(500, 8), is: { _tag: "Transient", maybeStored: true } }
]

const pages = ["", "OK", "<html><body>Welcome</body></html>", "{\"ok\":true}"].map((body) => ({ status: 200, body }))
const refusals = [said(200, 9), said(200, 8)]

export const splunkSpecimen: Specimen = {
  config: (origin) => SplunkConfig.make({ url: `${origin}/services/collector/event`, user: "user", ...common }),
  secret,
  healthy: collector,
  events: objects,
  notSuccess: [...pages, ...refusals],
  answers
}

export const pantherSpecimen: Specimen = {
  config: (origin) => PantherConfig.make({ url: `${origin}/http/1234`, ...common }),
  secret,
  healthy: () => ({ status: 200, body: "ok" }),
  events: objects,
  notSuccess: refusals,
  answers
}

export const crowdstrikeSpecimen: Specimen = {
  config: (origin) => CrowdstrikeConfig.make({ url: `${origin}/api/v1/ingest/hec`, ...common }),
  secret,
  healthy: () => said(200, 0),
  events: objects,
  notSuccess: refusals,
  answers
}

export const criblSpecimen: Specimen = {
  config: (origin) => CriblConfig.make({ url: `${origin}/cribl/_bulk`, ...common }),
  secret,
  healthy: () => ({ status: 200, body: "{}" }),
  events: objects,
  notSuccess: refusals,
  answers
}

export const criblCollectorSpecimen: Specimen = {
  ...splunkSpecimen,
  config: (origin) => CriblConfig.make({ url: `${origin}/services/collector`, ...common })
}

const pairs = (body: Buffer): number => {
  const lines = body.toString().split("\n").filter((line) => line !== "")
  for (const line of lines) JSON.parse(line)
  return lines.length / 2
}

export const criblElasticSpecimen: Specimen = {
  ...criblSpecimen,
  config: (origin) => CriblConfig.make({ url: `${origin}/elastic/_bulk`, ...common }),
  healthy: () => ({ status: 200, body: JSON.stringify({ errors: false, items: [] }) }),
  events: pairs
}
