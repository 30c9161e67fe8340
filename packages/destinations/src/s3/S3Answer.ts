/**
 * What an S3-compatible service's failure means: a table over statuses and codes, from the services' documentation and
 * from what their users report. Pure. An object store's success needs no table.
 */
import { Answer, Inspection } from "@tailrace/domain"
import { retryAfterMillis } from "../network/RetryAfter.ts"
import { isUnusable } from "../network/Unreachable.ts"
import type { S3Failure } from "./S3Failure.ts"

/** Answered, but the same request may succeed later. */
const transientStatuses = new Set([408, 409, 425, 429])

/** Of status 400 or 403, yet no fault of the configuration: slow or damaged transfers, a clock that is being set. */
const transientCodes = new Set([
  "BadDigest",
  "IncompleteBody",
  "OperationAborted",
  "RequestTimeout",
  "RequestTimeTooSkewed",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "XAmzContentSHA256Mismatch"
])

/** Answers of status 5xx by which the service surely did not take the object. */
const refusals = new Set([
  "SlowDown",
  "ServiceUnavailable",
  "Throttling",
  "ThrottlingException",
  "XMinioServerNotInitialized"
])

/** 501, 505: the same request never succeeds. */
const permanentStatuses = new Set([501, 505])

const isPermanent = ({ code, status }: S3Failure): boolean => {
  if (status === null) return code === "InvalidBucketName" || isUnusable(code)
  if (status < 300 || transientCodes.has(code) || transientStatuses.has(status)) return false
  return status < 500 || permanentStatuses.has(status)
}

/** Whether the object may lie there although the request failed. */
const maybeStored = ({ code, sent, status, syscall }: S3Failure): boolean => {
  if (!sent || syscall === "connect" || syscall === "getaddrinfo") return false
  if (status === null || status < 300) return true
  return status >= 500 ? !refusals.has(code) : status === 408 && !transientCodes.has(code)
}

/** 304 is what MinIO once answered in the place of 412. */
const isTaken = (status: number | null) => status === 412 || status === 304

/** `message` is what an owner may read: see `S3Message`. */
export interface Reading {
  readonly message: string
  readonly nowMillis: number
  /** A role's session has ended: the next request has another one. */
  readonly sessionEnded?: boolean
}

export const putAnswer = (failure: S3Failure, { message, nowMillis, sessionEnded = false }: Reading): Answer => {
  const { status } = failure
  if (isTaken(status)) return Answer.cases.Taken.make({})
  if (isPermanent(failure) && !sessionEnded) return Answer.cases.Misconfigured.make({ message, status })
  return Answer.cases.Transient.make({
    message,
    status,
    retryAfterMillis: retryAfterMillis(failure.retryAfter, nowMillis),
    maybeStored: maybeStored(failure)
  })
}

/** `HEAD` answers have no body, so the status alone speaks. */
export const inspectAnswer = (failure: S3Failure, { message, nowMillis }: Reading): Inspection => {
  const { status } = failure
  if (status === 404) return Inspection.cases.Missing.make({})
  if (status === 403) return Inspection.cases.Forbidden.make({ message })
  return Inspection.cases.Failed.make({
    message,
    status,
    retryAfterMillis: retryAfterMillis(failure.retryAfter, nowMillis)
  })
}
