export { actorMentions, eventNames } from "./AuditMatch.ts"
export { maxRuledBytes, type RecordRules, recordRules, type Ruling } from "./RecordRules.ts"
export type { KeyedHash } from "./redactText.ts"
export * from "./Rules.ts"
