/** The type `panther`: an HTTP source of Panther with the schemas `Tailscale.Audit` or `Tailscale.Network`. */
import type { PantherConfig } from "@tailrace/domain"
import { likeHecAnswer } from "../hec/HecAnswer.ts"
import { schemesFrom } from "../hec/HecAuthorization.ts"
import type { HecForm } from "../hec/HecClient.ts"
import { lineEnvelope } from "../hec/HecEncoder.ts"
import { isLooked } from "../hec/HecProbe.ts"
import { hecType } from "../hec/HecReceiver.ts"
import type { ReceiverType } from "../registry.ts"
import { pantherLimits } from "./PantherLimits.ts"

/** The stream type "Lines" wants one object a line; Panther's statuses are not documented but for the usual ones. */
const form: HecForm = {
  envelope: lineEnvelope,
  contentType: "application/json",
  answer: likeHecAnswer,
  isUsable: isLooked,
  ackUrl: null
}

export const pantherType: ReceiverType<PantherConfig> = hecType({
  limits: pantherLimits,
  bodyBytes: pantherLimits.requestBytes,
  schemes: schemesFrom("bearer"),
  form: () => form
})
