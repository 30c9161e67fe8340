/** What a person reads when the process cannot start or go on: one line that names the thing and the cure. */
import { Schema } from "effect"
import { HttpServerError } from "effect/http"

/** Something outside of the process is not as it must be. */
export class StartupFailure extends Schema.TaggedError<StartupFailure>()("StartupFailure", {
  message: Schema.String
}) {}

const codeOf = (cause: unknown): string | undefined =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : undefined

const listenFailures: Readonly<Record<string, string>> = {
  EADDRINUSE: "the address is taken: stop the other process, or set TAILRACE_LISTEN to another address or port 0",
  EADDRNOTAVAIL: "this machine does not have that address: correct TAILRACE_LISTEN",
  EACCES: "this user may not listen there (ports below 1024 are reserved): correct TAILRACE_LISTEN",
  ENOTFOUND: "there is no such host: correct TAILRACE_LISTEN",
  EAI_AGAIN: "the host's name cannot be resolved: correct TAILRACE_LISTEN"
}

/** Why the server does not listen. */
export const listenFailure = (address: string, error: HttpServerError.ServeError): StartupFailure => {
  const cause = listenFailures[codeOf(error.cause) ?? ""] ?? firstLine(messageOf(error.cause))
  return new StartupFailure({ message: `cannot listen on ${address}: ${cause}` })
}

const messageOf = (error: unknown): string => error instanceof Error ? error.message : String(error)

const firstLine = (text: string): string => text.split("\n", 1)[0]?.trim() || "no reason given"

/** One line for any failure; an error of ours says it itself, anything else is a bug and is said to be one. */
export const explain = (error: unknown): string =>
  isOurs(error) ? firstLine(messageOf(error)) : `unexpected failure, please report it: ${firstLine(messageOf(error))}`

const isOurs = (error: unknown): boolean => typeof error === "object" && error !== null && "_tag" in error
