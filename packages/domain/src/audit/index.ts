/** The audit log's own form of control events; exported from the package as the namespace `Audit`. */
export { changedFields, endpointView } from "./AuditEndpoint.ts"
export { type AuditLines, auditLines, failedRequestLine } from "./AuditEvents.ts"
export { controlId } from "./AuditIds.ts"
export { type AuditContext, type AuditDetail, auditLine, type AuditTarget, type AuditTimes } from "./AuditRecord.ts"
export { propertyOfSetting } from "./AuditSettings.ts"
export { formatGoTime, formatNanoTime, type NanoTime, nanoTimeAfter } from "./NanoTime.ts"
