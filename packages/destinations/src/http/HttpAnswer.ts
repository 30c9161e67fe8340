/** What an endpoint of which nothing is known answers: its status alone speaks (RFC 9110 §15). Pure. */
import { ReceiverAnswer } from "@tailrace/domain"
import type { HttpResponse } from "../network/HttpSender.ts"
import { isSuccess, type Reading, statusAnswer } from "./StatusAnswer.ts"

/** Any 2xx took all of it, whatever its body says. */
export const httpAnswer = (response: HttpResponse, reading: Reading): ReceiverAnswer =>
  isSuccess(response) ? ReceiverAnswer.cases.Accepted.make({ slower: false }) : statusAnswer(response, reading)
