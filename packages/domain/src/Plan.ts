/** The plans of a tailnet and what each includes (reference: Tailscale's log streaming and pricing pages). */
import { Schema } from "effect"
import type { LogType } from "./LogType.ts"

export const Plan = Schema.Literals(["personal", "personal-plus", "starter", "standard", "premium", "enterprise"])
export type Plan = typeof Plan.Type

/** `flow-logs`: they may be switched on and read. `…-streaming`: destinations of that log type. */
export const Feature = Schema.Literals(["flow-logs", "configuration-streaming", "network-streaming"])
export type Feature = typeof Feature.Type

/** The whole of "which plan includes what". Audit logs themselves are in every plan. */
export const plansThatInclude: Readonly<Record<Feature, ReadonlyArray<Plan>>> = {
  "flow-logs": ["premium", "enterprise"],
  "configuration-streaming": ["personal", "personal-plus", "enterprise"],
  "network-streaming": ["enterprise"]
}

/** The feature that destinations of a log type need. */
export const streamingOf = {
  configuration: "configuration-streaming",
  network: "network-streaming"
} as const satisfies Record<LogType, Feature>

/**
 * Whether the plan includes the feature.
 *
 * @example
 * ```ts
 * includes("premium", "flow-logs") // => true
 * includes("premium", "network-streaming") // => false
 * ```
 */
export const includes = (plan: Plan, feature: Feature): boolean => plansThatInclude[feature].includes(plan)
