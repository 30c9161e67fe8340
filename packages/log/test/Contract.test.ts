import { makeMemoryLog } from "@tailrace/log"
import { logContract, type Subject } from "@tailrace/log/contract"
import { Effect } from "effect"

for (const markerOffsets of [0, 1]) {
  const make = Effect.sync((): Subject => {
    const memory = makeMemoryLog({ lanes: 2, markerOffsets })
    const open = Effect.sync(() => ({
      log: memory.open(),
      // Its state is the disk: a new process is a new view of it.
      kill: Effect.void,
      expire: (...where: Parameters<typeof memory.expire>) => Effect.sync(() => memory.expire(...where)),
      setFull: (full: boolean) => Effect.sync(() => memory.setFull(full))
    }))
    return { open }
  })
  logContract(markerOffsets === 0 ? "in memory" : "in memory with gaps", make)
}
