/** The type `splunk`: Splunk Enterprise, Splunk Cloud, and whatever answers as they do, such as Vector. */
import type { SplunkConfig } from "@tailrace/domain"
import { hecAnswer } from "../hec/HecAnswer.ts"
import { splunkSchemes } from "../hec/HecAuthorization.ts"
import type { HecForm } from "../hec/HecClient.ts"
import { splunkEnvelope } from "../hec/HecEncoder.ts"
import { ackUrl } from "../hec/HecEndpoint.ts"
import { saysNoData } from "../hec/HecProbe.ts"
import { hecType } from "../hec/HecReceiver.ts"
import type { ReceiverType } from "../registry.ts"
import { splunkBodyBytes, splunkLimits } from "./SplunkLimits.ts"

export const splunkForm = (url: string): HecForm => ({
  envelope: splunkEnvelope,
  contentType: "application/json",
  answer: hecAnswer,
  isUsable: saysNoData,
  ackUrl: ackUrl(url)
})

export const splunkType: ReceiverType<SplunkConfig> = hecType({
  limits: splunkLimits,
  bodyBytes: splunkBodyBytes,
  schemes: splunkSchemes,
  form: ({ url }) => splunkForm(url)
})
