/** Address ranges that the operator opens for destinations besides public ones. The guard checks again. */
import type { AllowedRanges } from "@tailrace/destinations"
import { Context } from "effect"

export class AllowedEndpoints extends Context.Reference<AllowedRanges>("@tailrace/control/AllowedEndpoints", {
  defaultValue: () => []
}) {}
