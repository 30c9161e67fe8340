/** Where an event collector is, and its endpoint for acknowledgements. Pure. */
import type { HecConfig } from "@tailrace/domain"
import { Result } from "effect"
import type { AllowedRanges } from "../network/AllowedRanges.ts"
import { checkUrlAsGiven } from "../network/Guard.ts"
import { InvalidDestination } from "../ObjectStore.ts"
import { userOf } from "./HecAuthorization.ts"

/** RFC 7617: a user name with a colon would end there; and both go into a header. */
const userName = /^[\x20-\x39\x3b-\x7e]{0,256}$/
const printable = /^[\x20-\x7e]{1,1024}$/

const invalid = (field: string, reason: string) => Result.fail(new InvalidDestination({ field, reason }))

/** A URL is shown to everybody who may read a destination; besides, Splunk refuses a token there by default. */
const checkQuery = ({ searchParams }: URL): Result.Result<void, InvalidDestination> =>
  searchParams.has("token") ? invalid("url", "must not contain a token") : Result.succeed(undefined)

/** Everything that can be known to fail without asking the service; names the field. */
export const checkHecConfig = (config: HecConfig, allowed: AllowedRanges): Result.Result<void, InvalidDestination> =>
  userName.test(userOf(config))
    ? Result.flatMap(checkUrlAsGiven(config.url, allowed), checkQuery)
    : invalid("user", "must be printable ASCII without a colon")

/** A token that no header can carry. */
export const checkToken = (token: string): Result.Result<void, InvalidDestination> =>
  printable.test(token) ? Result.succeed(undefined) : invalid("token", "must be printable ASCII")

/** The URL decides, not who sends. */
export const hecTarget = (config: HecConfig): string => `${config._tag} ${URL.parse(config.url)?.href ?? config.url}`

const collector = /^(.*\/services\/collector)(\/event(\/1\.0)?)?\/?$/

/** Splunk's own path beside that of events; null where the URL is not of Splunk's form. */
export const ackUrl = (url: string): string | null => {
  const parsed = URL.parse(url)
  const base = collector.exec(parsed?.pathname ?? "")?.[1]
  return parsed === null || base === undefined ? null : `${parsed.origin}${base}/ack`
}
