/** What an owner may read of a store's answer, or of its absence: the service's code and words, without secrets. */
import type { HttpFailure } from "../network/HttpSender.ts"
import { ownersText } from "../network/OwnersText.ts"

export interface ServiceWords {
  readonly status: number
  /** The service's code for it; may be empty. */
  readonly code: string
  /** May be empty. */
  readonly words: string
}

/** @example "HTTP 404 ContainerNotFound: The specified container does not exist." */
export const serviceMessage = ({ code, status, words }: ServiceWords, secrets: ReadonlyArray<string>): string => {
  const head = code === "" ? `HTTP ${status}` : `HTTP ${status} ${code}`
  return ownersText(words === "" ? head : `${head}: ${words}`, secrets)
}

/** @example "ECONNREFUSED: connect ECONNREFUSED 192.0.2.1:443" */
export const unansweredMessage = ({ code, reason }: HttpFailure, secrets: ReadonlyArray<string>): string =>
  ownersText(`${code}: ${reason}`, secrets)
