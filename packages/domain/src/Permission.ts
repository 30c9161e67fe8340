/**
 * What a member may be allowed to do in a tailnet: one word for each row of Tailscale's table of roles that has a
 * meaning here. Which role has which is in `Role.ts`, which plan includes what in `Plan.ts`.
 */
import { Schema } from "effect"

export const Permission = Schema.Literals([
  "console:open",
  "audit-logs:read",
  "flow-logs:read",
  "flow-logs:switch",
  "destinations:read",
  "destinations:write",
  "settings:read",
  "policy:write",
  "network:write",
  "features:write",
  "members:read",
  "members:write",
  "keys:read",
  "keys:write",
  "billing:read",
  "billing:write"
])
export type Permission = typeof Permission.Type
