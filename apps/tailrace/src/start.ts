/** Starts the process from within another entry point: for the command line's `start`. */
import { runProcess } from "@tailrace/process"
import { program } from "./program.ts"

export const start = (): void => runProcess(program)
