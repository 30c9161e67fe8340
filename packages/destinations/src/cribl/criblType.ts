/** The type `cribl`: the HTTP source of Cribl Stream and Cribl Edge, on any of its paths. */
import type { CriblConfig } from "@tailrace/domain"
import { schemesFrom } from "../hec/HecAuthorization.ts"
import { hecType } from "../hec/HecReceiver.ts"
import type { ReceiverType } from "../registry.ts"
import { criblForm } from "./CriblForm.ts"
import { criblBodyBytes, criblLimits } from "./CriblLimits.ts"

/** "Authorization: <token>"; a source behind Splunk's or a bearer's scheme is found out by the probe. */
export const criblType: ReceiverType<CriblConfig> = hecType({
  limits: criblLimits,
  bodyBytes: criblBodyBytes,
  schemes: schemesFrom("verbatim", "splunk", "bearer"),
  form: ({ url }) => criblForm(url)
})
