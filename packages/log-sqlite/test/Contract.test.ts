import { logContract, type OpenLog } from "@tailrace/log/contract"
import { LogSqlite } from "@tailrace/log-sqlite"
import { Effect } from "effect"
import { temporaryDirectory } from "./TemporaryDirectory.ts"

const openIn = Effect.fnUntraced(function*(directory: string) {
  const { board, log, thread } = yield* LogSqlite.open({ directory, lanes: 2 })
  const open: OpenLog = {
    log,
    kill: thread.kill,
    expire: (topic, lane, before) =>
      Effect.callback((resume) =>
        thread.ask({ kind: "expire", topic, lane, before }, () => {
          board.update(topic, lane, { earliest: before })
          resume(Effect.void)
        })
      ),
    setFull: (full) => Effect.callback((resume) => thread.ask({ kind: "limit", full }, () => resume(Effect.void)))
  }
  return open
})

logContract(
  "embedded",
  Effect.map(temporaryDirectory, (directory) => ({ open: Effect.orDie(openIn(directory)) }))
)
