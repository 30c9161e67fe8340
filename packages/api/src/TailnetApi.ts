/** Tailnets and their settings. The settings are Tailscale's; making tailnets is ours. */
import { Plan, Settings, TailnetName } from "@tailrace/domain"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Authenticated } from "./Conventions.ts"
import { field, flag, optional, required, tailnetPath, text, whole } from "./Field.ts"

const switched = optional(flag)

/** What `PATCH …/settings` takes: absent and null fields are left alone. */
export const SettingsBody = Schema.Struct({
  aclsExternallyManagedOn: switched,
  devicesApprovalOn: switched,
  devicesAutoUpdatesOn: switched,
  usersApprovalOn: switched,
  networkFlowLoggingOn: switched,
  regionalRoutingOn: switched,
  postureIdentityCollectionOn: switched,
  httpsEnabled: switched,
  aclsExternalLink: optional(text()),
  devicesKeyDurationDays: optional(whole(1, 180)),
  usersRoleAllowedToJoinExternalTailnets: optional(
    field(Schema.Literals(["none", "admin", "member"]), "must be one of none, admin, member")
  )
}).annotate({ identifier: "SettingsBody", examples: [{ networkFlowLoggingOn: true }] })
export type SettingsBody = typeof SettingsBody.Type

export class SettingsGroup extends HttpApiGroup.make("settings")
  .add(
    HttpApiEndpoint.get("get", "/tailnet/:tailnet/settings", { params: tailnetPath, success: Settings }).annotate(
      OpenApi.Summary,
      "Settings of the tailnet"
    ),
    HttpApiEndpoint.patch("change", "/tailnet/:tailnet/settings", {
      params: tailnetPath,
      payload: SettingsBody,
      success: Settings
    }).annotate(OpenApi.Summary, "Change settings; `networkFlowLoggingOn` switches flow logs")
  )
  .middleware(Authenticated)
  .annotateMerge(OpenApi.annotations({ title: "Settings", description: "As in Tailscale's API v2." }))
{}

const planField = field(Plan, `must be one of ${Plan.literals.join(", ")}`)

export const TailnetAnswer = Schema.Struct({ id: Schema.String, name: Schema.String, plan: Plan }).annotate({
  identifier: "Tailnet"
})
export type TailnetAnswer = typeof TailnetAnswer.Type

/** The tailnet and its Owner's first API key, which is shown this once. */
export const NewTailnetAnswer = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  plan: Plan,
  ownerId: Schema.String,
  key: Schema.String
}).annotate({ identifier: "NewTailnet" })

const nameMessage = "must be a name such as example.com: lower-case letters, digits, dots, @, _ and -"
const newName = field(TailnetName, nameMessage)

const NewTailnetBody = Schema.Struct({
  name: required(newName),
  plan: optional(planField),
  ownerLoginName: optional(text())
}).annotate({ identifier: "NewTailnetBody" })

export class TailnetsGroup extends HttpApiGroup.make("tailnets")
  .add(
    HttpApiEndpoint.get("list", "/tailnets", { success: Schema.Struct({ tailnets: Schema.Array(TailnetAnswer) }) })
      .annotate(OpenApi.Summary, "Tailnets that the credential may see"),
    HttpApiEndpoint.post("create", "/tailnets", { payload: NewTailnetBody, success: NewTailnetAnswer }).annotate(
      OpenApi.Summary,
      "Make a tailnet; for Owners of the first tailnet"
    ),
    HttpApiEndpoint.patch("plan", "/tailnet/:tailnet/plan", {
      params: tailnetPath,
      payload: Schema.Struct({ plan: required(planField) }),
      success: TailnetAnswer
    }).annotate(OpenApi.Summary, "Change the plan; for Owners of the first tailnet")
  )
  .middleware(Authenticated)
  .annotateMerge(OpenApi.annotations({ title: "Tailnets", description: "Extension of Tailscale's API." }))
{}
