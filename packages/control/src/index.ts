/** Commands, read models and the HTTP handlers of the admin API. */
export { Authentication, type WhoIs } from "./access/Authentication.ts"
export { hashOf } from "./access/Credential.ts"
export { AllowedEndpoints } from "./AllowedEndpoints.ts"
export { bootstrap, type Bootstrapped, systemActor } from "./Bootstrap.ts"
export { OperatorTailnet } from "./command/OperatorTailnet.ts"
export { ControlRoutes } from "./ControlRoutes.ts"
export { type Delivery, LedgerProjection, type LegNews } from "./ledger/LedgerProjection.ts"
export { SecretShredder } from "./ledger/SecretShredder.ts"
