/** The tailnet's settings: each field has its own permission, and flow logs need a plan that includes them. */
import { Result } from "effect"
import type { Settings, SettingsChanges } from "../ControlEvent.ts"
import type { Permission } from "../Permission.ts"
import { includes } from "../Plan.ts"
import type { TailnetState } from "../TailnetState.ts"
import { lacks, permits } from "./Authority.ts"
import { type Decider, type EventOf, forbidden, happen } from "./Decision.ts"

/** What a new tailnet begins with. */
export const defaultSettings: Settings = {
  aclsExternallyManagedOn: false,
  aclsExternalLink: "",
  devicesApprovalOn: false,
  devicesAutoUpdatesOn: false,
  devicesKeyDurationDays: 180,
  usersApprovalOn: false,
  usersRoleAllowedToJoinExternalTailnets: "none",
  networkFlowLoggingOn: false,
  regionalRoutingOn: false,
  postureIdentityCollectionOn: false,
  httpsEnabled: false
}

/** Which permission changing each setting takes (reference: the role matrix). */
export const permissionOfSetting: Readonly<Record<keyof Settings, Permission>> = {
  aclsExternallyManagedOn: "policy:write",
  aclsExternalLink: "policy:write",
  devicesApprovalOn: "features:write",
  devicesAutoUpdatesOn: "features:write",
  devicesKeyDurationDays: "features:write",
  usersApprovalOn: "features:write",
  usersRoleAllowedToJoinExternalTailnets: "features:write",
  networkFlowLoggingOn: "flow-logs:switch",
  regionalRoutingOn: "network:write",
  postureIdentityCollectionOn: "features:write",
  httpsEnabled: "network:write"
}

/** Names of all settings, in the order of the API. */
export const settingNames: ReadonlyArray<keyof Settings> = [
  "aclsExternallyManagedOn",
  "aclsExternalLink",
  "devicesApprovalOn",
  "devicesAutoUpdatesOn",
  "devicesKeyDurationDays",
  "usersApprovalOn",
  "usersRoleAllowedToJoinExternalTailnets",
  "networkFlowLoggingOn",
  "regionalRoutingOn",
  "postureIdentityCollectionOn",
  "httpsEnabled"
]

const changed = (state: TailnetState, changes: SettingsChanges): ReadonlyArray<keyof Settings> =>
  settingNames.filter((name) => changes[name] !== undefined && changes[name] !== state.settings[name])

export const changeSettings: Decider<"ChangeSettings"> = (state, { changes }, { actor }) => {
  const names = changed(state, changes)
  if (names.length === 0) return happen()
  const missing = names.map((name) => permissionOfSetting[name]).find((it) => !permits(state, actor, it))
  if (missing !== undefined) return Result.fail(lacks(state, actor, missing))
  const settings = { ...state.settings, ...changes }
  if (settings.networkFlowLoggingOn && !includes(state.plan, "flow-logs")) {
    return forbidden(`the plan ${state.plan} does not include network flow logs`)
  }
  return happen({ _tag: "SettingsChanged", settings })
}

export const settingsChanged = (state: TailnetState, { settings }: EventOf<"SettingsChanged">): TailnetState => ({
  ...state,
  settings
})
