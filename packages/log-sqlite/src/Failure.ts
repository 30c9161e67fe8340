/** A worker's refusal as the port's error. */
import { LogFull, LogUnavailable } from "@tailrace/log"
import type { Answer } from "./WorkerMessage.ts"

export const failureOf = (answer: Answer): LogFull | LogUnavailable => {
  if (answer.kind !== "failed") return new LogUnavailable({ reason: `an unexpected answer (${answer.kind})` })
  const { full, reason } = answer
  return full ? new LogFull({ reason }) : new LogUnavailable({ reason })
}
