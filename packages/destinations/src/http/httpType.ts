/** The type `http`: any endpoint that takes records by POST; an extension of ours. */
import type { HttpConfig } from "@tailrace/domain"
import type { ReceiverType } from "../registry.ts"
import { checkHttpConfig, httpTarget, openHttpReceiver } from "./HttpReceiver.ts"

export const httpType: ReceiverType<HttpConfig> = {
  check: checkHttpConfig,
  target: httpTarget,
  open: openHttpReceiver
}
