#!/usr/bin/env node
/** Entry point of the command line. The only file that touches `node:process`. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect, Exit, Layer } from "effect"
import { Command } from "effect/cli"
import process from "node:process"
import * as Complaint from "./Complaint.ts"
import { exitCodeOf, lineOf } from "./Exit.ts"
import { tailrace } from "./tailrace.ts"

// A pager or `head` that closed the pipe has seen enough.
process.stdout.on("error", () => process.exit(0))

const program = Command.run(tailrace, { version: "0.0.0" }).pipe(
  Effect.provide(Layer.merge(NodeServices.layer, Complaint.layer))
)

const exit = await Effect.runPromiseExit(program)
if (Exit.isFailure(exit)) {
  const error = Cause.squash(exit.cause)
  const line = lineOf(error)
  if (line !== undefined) process.stderr.write(`tailrace: ${line}\n`)
  process.exitCode = exitCodeOf(error)
}
