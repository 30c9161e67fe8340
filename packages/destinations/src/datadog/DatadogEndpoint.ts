/** Where a configuration's logs go, and where its key can be asked about. Pure. */
import type { DatadogConfig } from "@tailrace/domain"
import { Result } from "effect"
import { placeOf } from "../http/place.ts"
import type { AllowedRanges } from "../network/AllowedRanges.ts"
import { checkUrlAsGiven } from "../network/Guard.ts"
import type { InvalidDestination } from "../ObjectStore.ts"

export const checkDatadogConfig = (
  config: DatadogConfig,
  allowed: AllowedRanges
): Result.Result<void, InvalidDestination> => Result.map(checkUrlAsGiven(config.url, allowed), () => undefined)

/** The site and the path: which organisation it is, the key says. */
export const datadogTarget = ({ url }: DatadogConfig): string => `datadog ${placeOf(url)}`

const intakeHost = "http-intake.logs."

/** Tells whether a key is valid without sending a log; null where the host is not a site's logs intake. */
export const validateUrl = ({ url }: DatadogConfig): string | null => {
  const parsed = URL.parse(url)
  if (parsed === null || !parsed.hostname.startsWith(intakeHost)) return null
  return `${parsed.protocol}//api.${parsed.host.slice(intakeHost.length)}/api/v1/validate`
}
