/** From an error to the line on stderr and the exit code. */
import { Schema } from "effect"
import { CliError } from "effect/cli"
import { exitCodes, Refused, Unreachable, Usage } from "./Failure.ts"

const isFailure = Schema.is(Schema.Union([Refused, Unreachable, Usage]))

export const exitCodeOf = (error: unknown): number => {
  if (isFailure(error)) return error.exitCode
  if (CliError.isCliError(error) && error._tag === "ShowHelp" && error.errors.length === 0) return exitCodes.ok
  return exitCodes.usage
}

/** Undefined: the parser has said it already. */
export const lineOf = (error: unknown): string | undefined => {
  if (CliError.isCliError(error)) return undefined
  return error instanceof Error ? error.message.split("\n", 1)[0] : String(error)
}
