/** How each setting of a tailnet is called in the audit log, and the details of what changed. */
import type { Settings } from "../ControlEvent.ts"
import { settingNames } from "../tailnet/TailnetSettings.ts"
import type { AuditDetail, AuditTarget } from "./AuditRecord.ts"

/**
 * `target.property` of each setting. From Tailscale's list of event names, except the four marked as ours: no event
 * name is published for them.
 */
export const propertyOfSetting: Readonly<Record<keyof Settings, string>> = {
  aclsExternallyManagedOn: "ACL_EXTERNALLY_MANAGED", // ours
  aclsExternalLink: "ACL_EXTERNAL_LINK", // ours
  devicesApprovalOn: "MACHINE_APPROVAL_NEEDED",
  devicesAutoUpdatesOn: "AUTO_UPDATES", // ours
  devicesKeyDurationDays: "MAX_KEY_DURATION",
  usersApprovalOn: "USER_APPROVAL_REQUIRED",
  usersRoleAllowedToJoinExternalTailnets: "JOIN_EXTERNAL_TAILNETS", // ours
  networkFlowLoggingOn: "NETWORK_FLOW_LOGGING",
  regionalRoutingOn: "GEOSTEERING",
  postureIdentityCollectionOn: "COLLECT_POSTURE_IDENTITY",
  httpsEnabled: "HTTPS"
}

/** One detail for each setting that differs: switches are enabled or disabled, values are updated. */
export const settingDetails = (
  tailnet: AuditTarget,
  before: Settings,
  after: Settings
): ReadonlyArray<AuditDetail> =>
  settingNames.filter((name) => before[name] !== after[name]).map((name): AuditDetail => {
    const target = { ...tailnet, property: propertyOfSetting[name] }
    const value = after[name]
    if (typeof value === "boolean") return { target, action: value ? "ENABLE" : "DISABLE" }
    return { target, action: "UPDATE", old: before[name], new: value }
  })
