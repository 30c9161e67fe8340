/** Where a configuration's documents go, and as whom. Pure. */
import type { ElasticConfig } from "@tailrace/domain"
import { Result } from "effect"
import { placeOf } from "../http/place.ts"
import { basicCredential } from "../http/requestHeaders.ts"
import type { AllowedRanges } from "../network/AllowedRanges.ts"
import { checkUrlAsGiven } from "../network/Guard.ts"
import { InvalidDestination } from "../ObjectStore.ts"
import { filterPath } from "./ElasticLimits.ts"

const invalid = (field: string, reason: string) => Result.fail(new InvalidDestination({ field, reason }))

const isBasic = ({ scheme, user = "" }: ElasticConfig): boolean => scheme === "auto" ? user !== "" : scheme === "basic"

export const checkElasticConfig = (
  config: ElasticConfig,
  allowed: AllowedRanges
): Result.Result<void, InvalidDestination> => {
  const user = config.user ?? ""
  if (isBasic(config) && user === "") return invalid("user", "is needed for the scheme basic")
  if (isBasic(config) && user.includes(":")) return invalid("user", "must not contain a colon (RFC 7617)")
  return Result.flatMap(
    checkUrlAsGiven(config.url, allowed),
    ({ pathname }) =>
      /\/_bulk\/?$/.test(pathname) ? Result.succeed(undefined) : invalid("url", "must end in /<data stream>/_bulk")
  )
}

/** Cluster and data stream. */
export const elasticTarget = ({ url }: ElasticConfig): string => `elastic ${placeOf(url)}`

/** The URL given, with what is asked of the answer behind it, unless the query says that already. */
export const bulkUrl = ({ url }: ElasticConfig): string => {
  const query = URL.parse(url)?.searchParams
  if (query?.has("filter_path") === true) return url
  return `${url}${url.includes("?") ? /[?&]$/.test(url) ? "" : "&" : "?"}${filterPath}`
}

/** An API key is taken as typed, `id:key` in base64; the scheme's name before it does no harm. */
export const elasticCredential = (config: ElasticConfig, secret: string): string =>
  isBasic(config) ? basicCredential(config.user ?? "", secret) : `ApiKey ${secret.replace(/^ApiKey +/i, "")}`
