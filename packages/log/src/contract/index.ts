/**
 * The contract suite: what every implementation of the log promises. A test file of the implementation calls
 * `logContract` once.
 *
 * @example
 * ```ts
 * logContract("in memory", Effect.sync(() => ({ open: Effect.sync(() => openLog) })))
 * ```
 */
import { describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { claims } from "./Claims.ts"
import { durability } from "./Durability.ts"
import { reading } from "./Reading.ts"
import { records } from "./Records.ts"
import type { Subject } from "./Subject.ts"

export type { OpenLog, Subject } from "./Subject.ts"

/** Registers the suite; `make` is run once for each test and gives it data of its own. */
export const logContract = (name: string, make: Effect.Effect<Subject, never, Scope.Scope>): void => {
  describe(`the log, ${name}`, () => {
    for (const check of [...records, ...durability, ...claims, ...reading]) {
      it.effect(check.name, () => Effect.flatMap(make, check.run))
    }
  })
}
