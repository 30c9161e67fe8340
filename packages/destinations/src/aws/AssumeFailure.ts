/**
 * What a refusal of STS means: a table over its codes, and whose affair it is. Pure.
 *
 * Sources: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 */
import { Schema } from "effect"
import { ownersText } from "../network/OwnersText.ts"
import { retryAfterMillis } from "../network/RetryAfter.ts"
import { isUnusable } from "../network/Unreachable.ts"
import type { S3Failure } from "../s3/S3Failure.ts"
import { describeFailure } from "../s3/S3Message.ts"

/**
 * `refused`: the role's owner has to change its trust policy (or name another role). `open`: it can be assumed without
 * the external id. `operator`: Tailrace's own credentials or endpoint are wrong. `unavailable`: passes by itself.
 */
export const AssumeFault = Schema.Literals(["refused", "open", "operator", "unavailable"])
export type AssumeFault = typeof AssumeFault.Type

/** `message`: a sentence for the owner of the destination, with STS's own words. */
export class AssumeFailure extends Schema.TaggedError<AssumeFailure>()("AssumeFailure", {
  fault: AssumeFault,
  message: Schema.String,
  status: Schema.NullOr(Schema.Int),
  retryAfterMillis: Schema.NullOr(Schema.Int)
}) {}

/** About who asks, not about the role. */
const operatorCodes = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignature",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "NotAuthorized",
  "OptInRequired",
  "RequestExpired",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException"
])

/** Throttling is a 400 in the query protocol. */
const isThrottling = (code: string): boolean => /^(Throttl|RequestLimitExceeded|TooManyRequests|SlowDown)/.test(code)

const transientStatuses = new Set([408, 425, 429])

const faultOf = ({ code, status }: S3Failure): Exclude<AssumeFault, "open"> => {
  if (status === null) return isUnusable(code) ? "operator" : "unavailable"
  if (isThrottling(code) || transientStatuses.has(status) || status >= 500 || status < 400) return "unavailable"
  return operatorCodes.has(code) ? "operator" : "refused"
}

const sentences: Readonly<Record<Exclude<AssumeFault, "open">, string>> = {
  refused: "AWS does not let Tailrace assume the role",
  operator: "Tailrace cannot use AWS STS, which only its operator can mend",
  unavailable: "AWS STS gave no usable answer"
}

/** `secrets` are cut out wherever a service might echo them. */
export const assumeFailure = (failure: S3Failure, secrets: ReadonlyArray<string>, nowMillis: number): AssumeFailure => {
  const fault = faultOf(failure)
  return new AssumeFailure({
    fault,
    message: ownersText(`${sentences[fault]}: ${describeFailure(failure)}`, secrets),
    status: failure.status,
    retryAfterMillis: retryAfterMillis(failure.retryAfter, nowMillis)
  })
}

/** The role would let in anybody who knows its name: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html */
export const openRole = (externalId: string): AssumeFailure =>
  new AssumeFailure({
    fault: "open",
    message: "the role can be assumed without the external id: its trust policy must have the condition " +
      `"StringEquals": {"sts:ExternalId": "${externalId}"}`,
    status: null,
    retryAfterMillis: null
  })
