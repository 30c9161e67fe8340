/** Where a configuration's documents go, and as whom. Pure. */
import type { ElasticConfig } from "@tailrace/domain"
import { Result } from "effect"
import { basicCredential } from "../http/requestHeaders.ts"
import type { AllowedRanges } from "../network/AllowedRanges.ts"
import { checkUrlAsGiven } from "../network/Guard.ts"
import { InvalidDestination } from "../ObjectStore.ts"
import { filterPath } from "./ElasticLimits.ts"

const invalid = (field: string, reason: string) => Result.fail(new InvalidDestination({ field, reason }))

const isBasic = ({ scheme, user = "" }: ElasticConfig): boolean => scheme === "auto" ? user !== "" : scheme === "basic"

/** The data stream's, however the URL ends; empty: it names none. */
const streamPath = ({ pathname }: URL): string => pathname.replace(/\/+$/, "").replace(/\/_bulk$/, "")

export const checkElasticConfig = (
  config: ElasticConfig,
  allowed: AllowedRanges
): Result.Result<void, InvalidDestination> => {
  const user = config.user ?? ""
  if (isBasic(config) && user === "") return invalid("user", "is needed for the scheme basic")
  if (isBasic(config) && user.includes(":")) return invalid("user", "must not contain a colon (RFC 7617)")
  return Result.flatMap(checkUrlAsGiven(config.url, allowed), (url) =>
    streamPath(url) === ""
      ? invalid("url", "must end in /<data stream>/_bulk")
      : Result.succeed(undefined))
}

/** Cluster and data stream. */
export const elasticTarget = ({ url }: ElasticConfig): string => {
  const parsed = URL.parse(url)
  return `elastic ${parsed === null ? url : `${parsed.origin}${streamPath(parsed)}`}`
}

/**
 * The URL given: with `/_bulk` where it ends at the data stream (Tailscale's documents show both), and with what is
 * asked of the answer, unless its query says that already.
 */
export const bulkUrl = ({ url }: ElasticConfig): string => {
  const parsed = new URL(url)
  const query = parsed.search.slice(1)
  const asked = parsed.searchParams.has("filter_path") ? [query] : [query, filterPath]
  return `${parsed.origin}${streamPath(parsed)}/_bulk?${asked.filter((part) => part !== "").join("&")}`
}

/** An API key is taken as typed, `id:key` in base64; the scheme's name before it does no harm. */
export const elasticCredential = (config: ElasticConfig, secret: string): string =>
  isBasic(config) ? basicCredential(config.user ?? "", secret) : `ApiKey ${secret.replace(/^ApiKey +/i, "")}`
