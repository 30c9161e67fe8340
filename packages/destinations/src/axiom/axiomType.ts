/** The type `axiom`: a dataset's ingest endpoint. */
import type { AxiomConfig } from "@tailrace/domain"
import type { ReceiverType } from "../registry.ts"
import { axiomTarget, checkAxiomConfig, openAxiomReceiver } from "./AxiomReceiver.ts"

export const axiomType: ReceiverType<AxiomConfig> = {
  check: checkAxiomConfig,
  target: axiomTarget,
  open: openAxiomReceiver
}
