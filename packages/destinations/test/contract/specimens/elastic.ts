/** `_bulk` of Elasticsearch, with both kinds of credentials. */
import { ElasticConfig } from "@tailrace/domain"
import type { Got, Said } from "../../network/ScriptedServer.ts"
import type { Specimen } from "../Specimen.ts"
import { contentOf } from "./content.ts"

/** Operations; each pair of lines must be JSON. */
const operations = (body: Buffer): number => {
  const lines = body.toString().split("\n").filter((line) => line !== "")
  for (const line of lines) JSON.parse(line)
  return lines.length / 2
}

const bulk = (got: Got): Said => {
  const count = operations(contentOf(got))
  if (count === 0) return { status: 400, body: "{\"error\":{\"type\":\"parse_exception\"},\"status\":400}" }
  const items = Array.from({ length: count }, () => ({ create: { status: 201 } }))
  return { status: 200, body: JSON.stringify({ errors: false, items }) }
}

const items = (...statuses: ReadonlyArray<number>): Said => ({
  status: 200,
  body: JSON.stringify({
    errors: true,
    items: statuses.map((status) => ({ create: { status, error: { type: "some_exception", reason: "why" } } }))
  })
})

export const elasticSpecimen: Specimen = {
  config: (origin) => ElasticConfig.make({ url: `${origin}/logs/_bulk?pretty`, user: "elastic", scheme: "auto" }),
  secret: "correct-horse-battery-staple",
  healthy: bulk,
  events: operations,
  notSuccess: ["", "{}", "<html><body>Log in</body></html>", "[]"].map((body) => ({ status: 200, body })),
  answers: [
    { what: "stored before", said: items(409, 201, 409), is: { _tag: "Accepted" } },
    {
      what: "one is at fault",
      said: items(201, 400, 201),
      is: { _tag: "Partly", refused: [{ index: 1, reason: "400 some_exception: why" }], again: [], failure: null }
    },
    { what: "busy for some", said: items(429, 201, 503), is: { _tag: "Partly", refused: [], again: [0, 2] } },
    { what: "no such index", said: items(404, 404, 404), is: { _tag: "Misconfigured", status: 404 } },
    { what: "an item too few", said: items(201, 400), is: { _tag: "TooLarge" } }
  ]
}

export const elasticKeySpecimen: Specimen = {
  ...elasticSpecimen,
  config: (origin) => ElasticConfig.make({ url: `${origin}/logs/_bulk`, scheme: "apikey" }),
  secret: "aWQtb2YtYS1rZXk6c2VjcmV0LW9mLWEta2V5"
}
