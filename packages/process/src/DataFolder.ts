/** The folder of `TAILRACE_DATA`: what lies where in it, and whether this user may use it. */
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
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
export const prepareFolder = Effect.fnUntraced(function*(data: string) {
  const files = yield* FileSystem.FileSystem
  yield* files.makeDirectory(data, { recursive: true, mode: ownerOnly }).pipe(unwritable(data))
  yield* files.access(data, { writable: true }).pipe(unwritable(data))
})
