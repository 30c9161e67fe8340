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
import type { Check, Means, Subject } from "./Subject.ts"

export { chunksOf, entriesOf, entryOf, read, readTexts, realPause, refusalOf, textOf } from "./Subject.ts"
export type { Check, OpenLog, Subject } from "./Subject.ts"

const parts = { records, durability, claims, reading } as const

/** How the implementation under test lives. */
export interface ContractOptions {
  /** Default: the test's clock, and a disk that can be filled. With the real clock no check has another. */
  readonly means?: ReadonlyArray<Means>
  /** Default: all. */
  readonly parts?: ReadonlyArray<keyof typeof parts>
  /** For one check, in milliseconds; default: the runner's. */
  readonly timeoutMillis?: number
}

const chosen = ({ means = ["test clock", "full disk"], parts: names }: ContractOptions): ReadonlyArray<Check> =>
  Object.entries(parts)
    .flatMap(([name, checks]) => names === undefined || names.some((wanted) => wanted === name) ? checks : [])
    .filter(({ needs }) => needs === undefined || means.includes(needs))

/** Registers the suite; `make` is run once for each test and gives it data of its own. */
export const logContract = (
  name: string,
  make: Effect.Effect<Subject, never, Scope.Scope>,
  options: ContractOptions = {}
): void => {
  const register = options.means?.includes("real clock") === true ? it.live : it.effect
  describe(`the log, ${name}`, () => {
    for (const check of chosen(options)) {
      register(check.name, () => Effect.flatMap(make, check.run), options.timeoutMillis)
    }
  })
}
