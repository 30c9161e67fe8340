/** Axiom's ingest endpoint. */
import { AxiomConfig } from "@tailrace/domain"
import type { Said } from "../../network/ScriptedServer.ts"
import type { Specimen } from "../Specimen.ts"
import { contentOf } from "./content.ts"

const lines = (body: Buffer): number => {
  const all = body.toString().split("\n").filter((line) => line !== "")
  for (const line of all) JSON.parse(line)
  return all.length
}

const said = (ingested: number, failed: number): Said => {
  const failures = Array.from({ length: failed }, () => ({ timestamp: "0001-01-01T00:00:00Z", error: "why" }))
  return { status: 200, body: JSON.stringify({ ingested, failed, failures, processedBytes: 1 }) }
}

export const axiomSpecimen: Specimen = {
  config: (origin) => AxiomConfig.make({ url: `${origin}/v1/datasets/tailnet/ingest` }),
  secret: "xaat-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
  healthy: (got) => said(lines(contentOf(got)), 0),
  events: lines,
  notSuccess: ["", "{}", "<html><body>Log in</body></html>"].map((body) => ({ status: 200, body })),
  answers: [
    { what: "an event that failed, not said which", said: said(2, 1), is: { _tag: "TooLarge", message: "why" } },
    { what: "fewer than were sent", said: said(2, 0), is: { _tag: "TooLarge" } }
  ]
}
