/** The type `crowdstrike`: Falcon LogScale and Next-Gen SIEM, at `/services/collector` or `/api/v1/ingest/hec`. */
import type { CrowdstrikeConfig } from "@tailrace/domain"
import { likeHecAnswer } from "../hec/HecAnswer.ts"
import { schemesFrom } from "../hec/HecAuthorization.ts"
import type { HecForm } from "../hec/HecClient.ts"
import { lineEnvelope } from "../hec/HecEncoder.ts"
import { isLooked } from "../hec/HecProbe.ts"
import { hecType } from "../hec/HecReceiver.ts"
import type { ReceiverType } from "../registry.ts"
import { crowdstrikeBodyBytes, crowdstrikeLimits } from "./CrowdstrikeLimits.ts"

/** "A series of whitespace delimited JSON objects" (LogScale, "Ingesting with HTTP Event Collector"). */
const form: HecForm = {
  envelope: lineEnvelope,
  contentType: "application/json",
  answer: likeHecAnswer,
  isUsable: isLooked,
  ackUrl: null
}

export const crowdstrikeType: ReceiverType<CrowdstrikeConfig> = hecType({
  limits: crowdstrikeLimits,
  bodyBytes: crowdstrikeBodyBytes,
  schemes: schemesFrom("bearer"),
  form: () => form
})
