/** Entry point; everything that it takes is an environment variable. */
import { runMain } from "@tailrace/process"
import { program } from "./program.ts"

runMain("delivery", program)
