/**
 * What Datadog's logs intake answers (docs.datadoghq.com/api/latest/logs, "Send logs"): 202 for all of it, else for
 * none of it. 400 does not say which entry is at fault, so the request is halved until it is found. Pure.
 */
import { ReceiverAnswer } from "@tailrace/domain"
import type { HttpResponse } from "../network/HttpSender.ts"
import { isSuccess, type Reading, statusAnswer } from "../http/StatusAnswer.ts"

/** 401, 403: the key. 408, 429, 5xx: later. 413: too large. */
export const datadogAnswer = (response: HttpResponse, reading: Reading): ReceiverAnswer =>
  isSuccess(response) ? ReceiverAnswer.cases.Accepted.make({ slower: false }) : statusAnswer(response, reading)
