#!/usr/bin/env node
/** Entry point of the command line. The only file that touches `node:process`. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import process from "node:process"
import { run } from "./run.ts"

// A pager or `head` that closed the pipe has seen enough.
process.stdout.on("error", () => process.exit(0))

const { exitCode, line } = await Effect.runPromise(run(process.argv.slice(2)).pipe(Effect.provide(NodeServices.layer)))
if (line !== undefined) process.stderr.write(`tailrace: ${line}\n`)
process.exitCode = exitCode
