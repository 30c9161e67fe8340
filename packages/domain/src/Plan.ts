/** The plans of a tailnet and what each includes (reference: Tailscale's log streaming and pricing pages). */
import { Schema } from "effect"

export const Plan = Schema.Literals(["personal", "personal-plus", "starter", "standard", "premium", "enterprise"])
export type Plan = typeof Plan.Type
