/** Runs one command line and says how it ended; the process around it is `main.ts`. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect, Exit } from "effect"
import { Command } from "effect/cli"
import * as Complaint from "./Complaint.ts"
import { exitCodeOf, lineOf } from "./Exit.ts"
import { exitCodes } from "./Failure.ts"
import { tailrace } from "./tailrace.ts"

export interface Ended {
  readonly exitCode: number
  /** What is left to say on stderr. */
  readonly line: string | undefined
}

const version = "0.0.0"

/** Never fails; reads the present `ConfigProvider`, `Stdio` and `Console`. */
export const run = (args: ReadonlyArray<string>): Effect.Effect<Ended, never, Command.Environment> =>
  Command.runWith(tailrace, { version })(args).pipe(
    Effect.exit,
    Effect.map((exit) => {
      if (Exit.isSuccess(exit)) return { exitCode: exitCodes.ok, line: undefined }
      const error = Cause.squash(exit.cause)
      return { exitCode: exitCodeOf(error), line: lineOf(error) }
    }),
    Effect.provide(Complaint.layer)
  )

/** Runs it with this process's terminal, environment and files. */
export const runHere = (args: ReadonlyArray<string>): Promise<Ended> =>
  Effect.runPromise(run(args).pipe(Effect.provide(NodeServices.layer)))
