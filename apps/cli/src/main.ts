#!/usr/bin/env node
/** Entry point of the command line. The only file that touches `node:process`. */
import process from "node:process"
import { runHere } from "./run.ts"

// A pager or `head` that closed the pipe has seen enough.
process.stdout.on("error", () => process.exit(0))

const { exitCode, line } = await runHere(process.argv.slice(2))
if (line !== undefined) process.stderr.write(`tailrace: ${line}\n`)
process.exitCode = exitCode
