/** What everything in the process stands on: the data folder, the log in it, the control log, and the secrets. */
import { type AllowedRanges, loopback, parseAllowedRanges } from "@tailrace/destinations"
import { ControlLog, type MasterKey, masterKeyFile, parseMasterKey, Secrets } from "@tailrace/event-store"
import { LogSqlite } from "@tailrace/log-sqlite"
import { Effect, FileSystem, Layer, Option, Result } from "effect"
import { join } from "node:path"
import { Settings } from "./Settings.ts"
import { StartupFailure } from "./StartupFailure.ts"

/** Where the parts of the data folder lie. */
export const places = (data: string) => ({
  log: join(data, "log"),
  masterKey: join(data, "master.key"),
  spool: join(data, "spool")
})

const ownerOnly = 0o700

const unwritable = (data: string) =>
  Effect.mapError((error: { readonly reason: { readonly _tag: string } }) =>
    new StartupFailure({
      message: `TAILRACE_DATA: cannot write to the folder ${data} (${words[error.reason._tag] ?? error.reason._tag})`
    })
  )

const words: Readonly<Record<string, string>> = {
  PermissionDenied: "permission denied",
  BadResource: "it is not a folder",
  AlreadyExists: "it is a file",
  NotFound: "it cannot be made"
}

/** Makes the folder, for this user only, and tries to write into it. */
const prepareFolder = Effect.fnUntraced(function*(data: string) {
  const files = yield* FileSystem.FileSystem
  yield* files.makeDirectory(data, { recursive: true, mode: ownerOnly }).pipe(unwritable(data))
  yield* files.access(data, { writable: true }).pipe(unwritable(data))
})

const log = Layer.unwrap(Effect.gen(function*() {
  const { data, lanes } = yield* Settings
  yield* prepareFolder(data)
  return LogSqlite.layer({ directory: places(data).log, lanes })
}))

const masterKey = Effect.gen(function*() {
  const { data, masterKey } = yield* Settings
  if (Option.isNone(masterKey)) return yield* masterKeyFile(places(data).masterKey)
  return yield* Effect.fromResult(parseMasterKey(masterKey.value))
})

const secrets = Layer.unwrap(Effect.map(masterKey, (masterKey: MasterKey) => Secrets.layer({ masterKey })))

/** Fails with one line when the data cannot be used. */
export const layer = Layer.merge(ControlLog.layer, secrets).pipe(Layer.provideMerge(log))

/** The ranges that destinations may use besides public ones. The demo's own server is on the loopback address. */
export const allowedRanges: Effect.Effect<AllowedRanges, never, Settings> = Effect.gen(function*() {
  const { allowEndpoints, demo } = yield* Settings
  const given = parseAllowedRanges(Option.getOrElse(allowEndpoints, () => ""))
  return [...(demo ? loopback : []), ...Result.getOrElse(given, () => [])]
})
