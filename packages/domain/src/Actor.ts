/** Who did something, and from where: the words of Tailscale's audit log (OpenAPI `ConfigurationAuditLog`). */
import { Schema } from "effect"

export const Origin = Schema.Literals([
  "ADMIN_CONSOLE",
  "CONFIG_API",
  "CONTROL",
  "IDENTITY_PROVIDER",
  "NODE",
  "SUPPORT_REQUEST",
  "STRIPE",
  "SECURITY_NOTIFICATION",
  "LEGAL_NOTIFICATION"
])
export type Origin = typeof Origin.Type

export const Actor = Schema.Struct({
  id: Schema.String,
  type: Schema.Literals(["USER", "NODE", "AUTOMATED_WORKER", "OAUTH_CLIENT", "SCIM", "LOGSTREAM"]),
  loginName: Schema.String,
  displayName: Schema.String
})
export type Actor = typeof Actor.Type
