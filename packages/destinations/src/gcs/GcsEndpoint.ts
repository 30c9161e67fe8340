/** Where a configuration's objects lie, and what two of them share. Pure. */
import type { GcsConfig } from "@tailrace/domain"
import { Result } from "effect"
import type { AllowedRanges } from "../network/AllowedRanges.ts"
import { checkUrl } from "../network/Guard.ts"
import { InvalidDestination } from "../ObjectStore.ts"
import { bucketName, defaultScope, googleUrl } from "./GcsLimits.ts"
import { readExternalAccount } from "./token/ExternalAccount.ts"

const normalised = (url: string) => {
  const parsed = URL.parse(url)
  return parsed === null ? url : `${parsed.protocol}//${parsed.host}${parsed.pathname.replace(/\/+$/, "")}`
}

const endpoint = ({ url }: GcsConfig) => url === "" ? googleUrl : normalised(url)

/**
 * The condition holds for exactly one of all racing writers: a name without an object has generation 0.
 * https://cloud.google.com/storage/docs/request-preconditions
 */
export const uploadUrl = (config: GcsConfig, key: string, onlyIfAbsent: boolean): string => {
  const name = encodeURIComponent(key.toWellFormed())
  const condition = onlyIfAbsent ? "&ifGenerationMatch=0" : ""
  const bucket = encodeURIComponent(config.bucket)
  return `${endpoint(config)}/upload/storage/v1/b/${bucket}/o?uploadType=multipart&name=${name}${condition}&fields=name`
}

export const metadataUrl = (config: GcsConfig, key: string): string => {
  const path = `b/${encodeURIComponent(config.bucket)}/o/${encodeURIComponent(key.toWellFormed())}`
  return `${endpoint(config)}/storage/v1/${path}?fields=name,metadata`
}

export const gcsTarget = (config: GcsConfig): string => `gcs ${endpoint(config)} ${config.bucket}`

export const scopesOf = ({ scopes }: GcsConfig): ReadonlyArray<string> => scopes.length === 0 ? [defaultScope] : scopes

/** RFC 6749 §3.3. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]{1,512}$/

const mostScopes = 20

const invalid = (field: string, reason: string) => Result.fail(new InvalidDestination({ field, reason }))

/**
 * Everything that can be known to fail without asking the service; names the field. The addresses that a workload
 * identity comes from meet the guard when they are connected to, not here.
 */
export const checkGcsConfig = (config: GcsConfig, allowed: AllowedRanges): Result.Result<void, InvalidDestination> => {
  const { scopes, workloadIdentity } = config
  if (!bucketName.test(config.bucket)) return invalid("bucket", "is not a bucket's name")
  if (scopes.length > mostScopes || !scopes.every((scope) => scopeToken.test(scope))) {
    return invalid("scopes", `must be at most ${mostScopes} OAuth scopes`)
  }
  if (workloadIdentity !== undefined) {
    const identity = readExternalAccount(workloadIdentity)
    if (Result.isFailure(identity)) return invalid("workloadIdentity", identity.failure)
  }
  // As it was given: what is normalised has lost a password, and the given one would be shown.
  return Result.map(checkUrl(config.url === "" ? googleUrl : config.url, allowed), () => undefined)
}
