/**
 * A process of its own that writes until it is killed: `node WriterProcess.ts <directory> <first number>`. It says
 * `ready`, then the number of each write when it has been answered.
 */
import { LogSqlite } from "@tailrace/log-sqlite"
import { Effect } from "effect"
import { threeEntries } from "./Threes.ts"

const [directory = "", first = "0"] = process.argv.slice(2)
const say = (text: string) => Effect.sync(() => void process.stdout.write(`${text}\n`))

const write = Effect.gen(function*() {
  const { log } = yield* LogSqlite.open({ directory, lanes: 1 })
  const writer = yield* log.claim(0)
  yield* say("ready")
  for (let number = Number(first);; number += 2) {
    yield* Effect.all([
      Effect.andThen(log.append("flow", 0, threeEntries(number)), say(`${number}`)),
      Effect.andThen(
        writer.commit(
          threeEntries(number + 1).flatMap((entry) => [
            { topic: "ledger", ...entry },
            { topic: "audit", ...entry }
          ])
        ),
        say(`${number + 1}`)
      )
    ], { concurrency: "unbounded" })
  }
})

void Effect.runPromise(Effect.scoped(write)).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exitCode = 1
})
