/** What it means to a store's leg that no answer came to a request. Pure. */
import { Answer, Inspection } from "@tailrace/domain"
import type { HttpFailure } from "../network/HttpSender.ts"
import { isUnusable } from "../network/Unreachable.ts"

/** Unless the request had left as a whole, nothing can have been stored. */
export const unansweredPut = ({ code, sent }: HttpFailure, message: string): Answer =>
  isUnusable(code)
    ? Answer.cases.Misconfigured.make({ message, status: null })
    : Answer.cases.Transient.make({ message, status: null, retryAfterMillis: null, maybeStored: sent })

export const unansweredInspect = (message: string): Inspection =>
  Inspection.cases.Failed.make({ message, status: null, retryAfterMillis: null })
