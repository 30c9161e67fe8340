/** Starts the process; for `main.ts` and for the command line's `start`. */
import { runProcess } from "./Process.ts"
import { program } from "./program.ts"

export const start = (): void => runProcess(program)
