/** Any number of seeds on demand: `SEEDS=5000 npm run simulate`; `SEED=17` alone runs one and prints its trace. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Config, Console, Effect } from "effect"
import { runSeeds } from "./pool.ts"
import { realDelivery } from "./realDelivery.ts"
import { countsOf, countsText, failuresOf, failureText } from "./report.ts"
import { simulate } from "./simulate.ts"

const one = Effect.fnUntraced(function*(seed: number) {
  const outcome = simulate(seed, { delivery: realDelivery }, { keepTrace: true })
  yield* Console.log(outcome.lines.join("\n"))
  yield* Console.log(`trace ${outcome.hash}`)
  return [outcome]
})

const program = Effect.gen(function*() {
  const from = yield* Config.Int("SEED").pipe(Config.withDefault(1))
  const count = yield* Config.Int("SEEDS").pipe(Config.withDefault(1))
  const outcomes = count === 1 ? yield* one(from) : yield* runSeeds({ from, count })
  const failures = failuresOf(outcomes)
  yield* Console.log(countsText(countsOf(outcomes)))
  for (const failure of failures) yield* Console.log(failureText(failure))
  yield* Console.log(`${outcomes.length} seeds, ${failures.length} failed`)
  if (failures.length > 0) return yield* Effect.fail("invariants were violated")
})

NodeRuntime.runMain(program)
