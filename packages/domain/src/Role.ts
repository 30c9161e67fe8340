/** The roles of a tailnet's members and what each may do (reference: Tailscale's user roles page). */
import { Schema } from "effect"
import type { Permission } from "./Permission.ts"

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

const operators = ["owner", "admin", "network-admin", "it-admin"] as const
const everybodyWithConsole = [...operators, "billing-admin", "auditor"] as const

/**
 * The whole of "who may do what". Source: the role matrix of Tailscale's user roles page; `destinations:*` from its
 * log streaming page; `flow-logs:*` from its network flow logs page. Members have no console and read nothing.
 */
export const rolesThatMay: Readonly<Record<Permission, ReadonlyArray<Role>>> = {
  "console:open": everybodyWithConsole,
  "audit-logs:read": everybodyWithConsole,
  "flow-logs:read": operators,
  "flow-logs:switch": operators,
  "destinations:read": everybodyWithConsole,
  "destinations:write": operators,
  "settings:read": everybodyWithConsole,
  "policy:write": ["owner", "admin", "network-admin"],
  "network:write": ["owner", "admin", "network-admin"],
  "features:write": ["owner", "admin", "it-admin"],
  "members:read": everybodyWithConsole,
  "members:write": ["owner", "admin", "it-admin"],
  "keys:read": operators,
  "keys:write": operators,
  "billing:read": ["owner", "admin", "billing-admin"],
  "billing:write": ["owner", "admin", "billing-admin"]
}

/**
 * Whether the role has the permission.
 *
 * @example
 * ```ts
 * may("auditor", "destinations:read") // => true
 * may("auditor", "destinations:write") // => false
 * ```
 */
export const may = (role: Role, permission: Permission): boolean => rolesThatMay[permission].includes(role)
