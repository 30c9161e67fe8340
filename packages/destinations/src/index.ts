export { AssumeFailure, type AssumeFault } from "./aws/AssumeFailure.ts"
export {
  AwsIdentity,
  type AwsKeys,
  type AwsOperator,
  type AwsRoles,
  noAwsIdentity,
  type RoleSession,
  type RoleUse
} from "./aws/AwsIdentity.ts"
export type { RoleCredentials } from "./aws/RoleCredentials.ts"
export { type Owner, sessionName, StoreOwner } from "./aws/sessionName.ts"
export * from "./DestinationsLive.ts"
export * from "./network/AllowedRanges.ts"
export { checkAddress, checkUrl, Guard, type Verdict } from "./network/Guard.ts"
export type { Agents, Resolve } from "./network/GuardedAgents.ts"
export * from "./ObjectStore.ts"
export * from "./Receiver.ts"
export { codecsOf, fullRequestBytes, receiverLimits, takenAges } from "./receiverLimits.ts"
export { userAgent } from "./UserAgent.ts"
