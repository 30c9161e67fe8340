/** The roles of a tailnet's members (reference: Tailscale's user roles page). */
import { Schema } from "effect"

export const Role = Schema.Literals([
  "owner",
  "admin",
  "network-admin",
  "it-admin",
  "billing-admin",
  "auditor",
  "member"
])
export type Role = typeof Role.Type
