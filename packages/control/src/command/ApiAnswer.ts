/** What refusals of the domain and errors of the log are in the words of HTTP. */
import {
  AccessDenied,
  type ApiError,
  BadRequest,
  BodyTooLarge,
  Missing,
  StateConflict,
  Unavailable
} from "@tailrace/api"
import type { Refusal } from "@tailrace/domain"
import type { LogError } from "@tailrace/log"

/** The sentence names the field where one is wrong. */
export const messageOf = (refusal: Refusal): string =>
  refusal._tag === "Invalid" && refusal.field !== "" ? `${refusal.field} ${refusal.message}` : refusal.message

export const answerOf = (error: Refusal | LogError): ApiError => {
  switch (error._tag) {
    case "NotFound":
      return new Missing({ message: error.message })
    case "Forbidden":
      return new AccessDenied({ message: error.message })
    case "Invalid":
      return new BadRequest({ message: messageOf(error) })
    case "Conflict":
      return new StateConflict({ message: error.message })
    case "RecordTooLarge":
      return new BodyTooLarge({ message: error.message })
    case "RecordsExpired":
    case "OffsetBeyondEnd":
    case "LaneReplaced":
    case "LogFull":
    case "LogUnavailable":
      return new Unavailable({ message: error.message })
  }
}

/** The domain's errors that carry a `field` and a `message`. */
export const wrong = (field: string, message: string): BadRequest => new BadRequest({ message: `${field} ${message}` })
