/** What a probe's answer says, the same for every receiver with plain HTTP semantics. */
import { ReceiverProbe } from "@tailrace/domain"
import type { HttpResponse } from "../network/HttpSender.ts"
import { isSuccess, type Reading, statusMessage, statusProbe } from "./StatusAnswer.ts"

/**
 * Statuses by which a service says no more than that it was sent nothing to take: it was reached, and the credential
 * was not what it minded.
 */
export const emptyStatuses: ReadonlySet<number> = new Set([400, 411, 422])

/** `also`: statuses besides 2xx that a usable service may give to what the probe sends. */
export const readProbe =
  (also: ReadonlySet<number> = new Set()) => (response: HttpResponse, reading: Reading): ReceiverProbe =>
    isSuccess(response) || also.has(response.status)
      ? ReceiverProbe.cases.Usable.make({ capabilities: {}, message: statusMessage(response, reading) })
      : statusProbe(response, reading)

/** What a test event says of itself. */
export const sampleMessage = "Tailrace test event: this is not a log record"
