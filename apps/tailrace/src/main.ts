/** Entry point of `npm start`. */
import { runMain } from "@tailrace/process"
import { program } from "./program.ts"

runMain("tailrace", program)
