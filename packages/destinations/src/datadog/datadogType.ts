/** The type `datadog`: Datadog's logs intake, version 2. */
import type { DatadogConfig } from "@tailrace/domain"
import type { ReceiverType } from "../registry.ts"
import { checkDatadogConfig, datadogTarget } from "./DatadogEndpoint.ts"
import { openDatadogReceiver } from "./DatadogReceiver.ts"

export const datadogType: ReceiverType<DatadogConfig> = {
  check: checkDatadogConfig,
  target: datadogTarget,
  open: openDatadogReceiver
}
