/**
 * Where this process spools. The embedded log admits one process to a data folder; on Kafka several may share one, so
 * each has a folder of its own in it, named for it, and removes those that dead processes left behind.
 */
import { Effect, FileSystem, Option } from "effect"
import { randomBytes } from "node:crypto"
import { hostname } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { places, prepareFolder } from "../DataFolder.ts"
import { Settings } from "../settings/Settings.ts"

/** Somebody else's process, which we may not signal, is alive, too. */
const isRefusal = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "EPERM"

const isAlive = (pid: number): Effect.Effect<boolean> =>
  Effect.try({ try: () => process.kill(pid, 0), catch: isRefusal }).pipe(Effect.catch(Effect.succeed))

/** Number of the process on this machine that the folder is named for; our own number was another's before. */
const predecessorOf = (name: string): Option.Option<number> => {
  const ours = `${hostname()}-`
  const [, pid] = (name.startsWith(ours) ? /^(\d+)-[0-9a-f]+$/.exec(name.slice(ours.length)) : null) ?? []
  return pid === undefined ? Option.none() : Option.some(Number(pid))
}

/** What cannot be removed is left: it is a cache, and another start will try again. */
const removeLeftBehind = Effect.fnUntraced(function*(spool: string) {
  const files = yield* FileSystem.FileSystem
  const names = yield* Effect.orElseSucceed(files.readDirectory(spool), (): Array<string> => [])
  for (const name of names) {
    const pid = predecessorOf(name)
    if (Option.isNone(pid) || (pid.value !== process.pid && (yield* isAlive(pid.value)))) continue
    yield* Effect.ignore(files.remove(join(spool, name), { recursive: true }))
  }
})

/** The folder, which `Spool.layer` makes and empties. */
export const spoolFolder = Effect.gen(function*() {
  const { data, kafka } = yield* Settings
  const { spool } = places(data)
  if (Option.isNone(kafka)) return spool
  yield* prepareFolder(data)
  yield* removeLeftBehind(spool)
  return join(spool, `${hostname()}-${process.pid}-${randomBytes(6).toString("hex")}`)
})
