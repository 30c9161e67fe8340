/** Who may do something: members of a tailnet, API keys of its members, and tokens that may only post records. */
import { Role } from "@tailrace/domain"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Authenticated } from "./Conventions.ts"
import { field, optional, required, tailnetPath, text, whole } from "./Field.ts"

const role = required(field(Role, `must be one of ${Role.literals.join(", ")}`))
const done = HttpApiSchema.Empty(200)

/** Tailscale's `User`, as far as a server without devices knows it. */
export const UserAnswer = Schema.Struct({
  id: Schema.String,
  displayName: Schema.String,
  loginName: Schema.String,
  tailnetId: Schema.String,
  type: Schema.Literals(["member", "shared"]),
  role: Role,
  status: Schema.Literal("active")
}).annotate({ identifier: "User" })
export type UserAnswer = typeof UserAnswer.Type

const NewUserBody = Schema.Struct({
  loginName: required(text(200, 1)),
  displayName: optional(text()),
  role
}).annotate({ identifier: "NewUserBody" })

export class UsersGroup extends HttpApiGroup.make("users")
  .add(
    HttpApiEndpoint.get("list", "/tailnet/:tailnet/users", {
      params: tailnetPath,
      query: { type: Schema.optionalKey(Schema.String), role: Schema.optionalKey(Schema.String) },
      success: Schema.Struct({ users: Schema.Array(UserAnswer) })
    }).annotate(OpenApi.Summary, "Members of the tailnet"),
    HttpApiEndpoint.post("add", "/tailnet/:tailnet/users", {
      params: tailnetPath,
      payload: NewUserBody,
      success: UserAnswer
    }).annotate(OpenApi.Summary, "Add a member (extension)"),
    HttpApiEndpoint.get("get", "/users/:user", { params: { user: Schema.String }, success: UserAnswer }).annotate(
      OpenApi.Summary,
      "One member"
    ),
    HttpApiEndpoint.post("role", "/users/:user/role", {
      params: { user: Schema.String },
      payload: Schema.Struct({ role }),
      success: done
    }).annotate(OpenApi.Summary, "Change a member's role"),
    HttpApiEndpoint.post("delete", "/users/:user/delete", { params: { user: Schema.String }, success: done }).annotate(
      OpenApi.Summary,
      "Remove a member"
    )
  )
  .middleware(Authenticated)
  .annotateMerge(OpenApi.annotations({ title: "Users", description: "In the shapes of Tailscale's API v2." }))
{}

/** An API key; `key` itself is shown once, by the call that makes it. Times are RFC 3339. */
const keyFields = {
  id: Schema.String,
  keyType: Schema.Literal("api"),
  description: Schema.String,
  userId: Schema.String,
  created: Schema.String,
  expires: Schema.String,
  revoked: Schema.optionalKey(Schema.String),
  /** Since this process started; absent: not used. */
  lastUsed: Schema.optionalKey(Schema.String),
  invalid: Schema.Boolean
}
export const KeyAnswer = Schema.Struct(keyFields).annotate({ identifier: "Key" })
export type KeyAnswer = typeof KeyAnswer.Type

const description = optional(text(200))

/** The longest life of a key (90 days, as in Tailscale), in seconds. */
export const maxKeySeconds = 90 * 86_400

const NewKeyBody = Schema.Struct({
  keyType: optional(field(Schema.Literal("api"), "must be \"api\"")),
  description,
  expirySeconds: optional(
    whole(0, maxKeySeconds, `must be a whole number from 0 to ${maxKeySeconds} (0 or absent: 90 days)`)
  ),
  userId: optional(text())
}).annotate({ identifier: "NewKeyBody", examples: [{ description: "backup job", expirySeconds: 86_400 }] })

const keyPath = { ...tailnetPath, key: Schema.String }

export class KeysGroup extends HttpApiGroup.make("keys")
  .add(
    HttpApiEndpoint.get("list", "/tailnet/:tailnet/keys", {
      params: tailnetPath,
      success: Schema.Struct({ keys: Schema.Array(KeyAnswer) })
    }).annotate(OpenApi.Summary, "API keys"),
    HttpApiEndpoint.post("create", "/tailnet/:tailnet/keys", {
      params: tailnetPath,
      payload: NewKeyBody,
      success: Schema.Struct({ ...keyFields, key: Schema.String })
    }).annotate(OpenApi.Summary, "Make an API key; it is shown this once"),
    HttpApiEndpoint.get("get", "/tailnet/:tailnet/keys/:key", { params: keyPath, success: KeyAnswer }).annotate(
      OpenApi.Summary,
      "One API key"
    ),
    HttpApiEndpoint.delete("revoke", "/tailnet/:tailnet/keys/:key", { params: keyPath, success: done }).annotate(
      OpenApi.Summary,
      "Revoke an API key"
    )
  )
  .middleware(Authenticated)
  .annotateMerge(OpenApi.annotations({ title: "API keys", description: "In the shapes of Tailscale's API v2." }))
{}

const tokenFields = {
  id: Schema.String,
  description: Schema.String,
  created: Schema.String,
  revoked: Schema.optionalKey(Schema.String)
}
export const IngestTokenAnswer = Schema.Struct(tokenFields).annotate({ identifier: "IngestToken" })
export type IngestTokenAnswer = typeof IngestTokenAnswer.Type

export class IngestTokensGroup extends HttpApiGroup.make("ingestTokens")
  .add(
    HttpApiEndpoint.get("list", "/tailnet/:tailnet/ingest-tokens", {
      params: tailnetPath,
      success: Schema.Struct({ tokens: Schema.Array(IngestTokenAnswer) })
    }).annotate(OpenApi.Summary, "Tokens that may post records"),
    HttpApiEndpoint.post("create", "/tailnet/:tailnet/ingest-tokens", {
      params: tailnetPath,
      payload: Schema.Struct({ description }),
      success: Schema.Struct({ ...tokenFields, token: Schema.String })
    }).annotate(OpenApi.Summary, "Make a token; it is shown this once"),
    HttpApiEndpoint.delete("revoke", "/tailnet/:tailnet/ingest-tokens/:token", {
      params: { ...tailnetPath, token: Schema.String },
      success: done
    }).annotate(OpenApi.Summary, "Revoke a token")
  )
  .middleware(Authenticated)
  .annotateMerge(OpenApi.annotations({ title: "Ingest tokens", description: "Extension of Tailscale's API." }))
{}
