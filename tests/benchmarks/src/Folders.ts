/** Adapter: folders of the benchmarks: kept ones in `.cache`, and ones that are gone afterwards. */
import { Effect } from "effect"
import { cp, mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises"
import path from "node:path"

export const cache = path.resolve(import.meta.dirname, "../.cache")

/** Beside the kept ones, so that a copy stays on one disk. */
export const temporaryFolder = Effect.acquireRelease(
  Effect.promise(async () => {
    await mkdir(cache, { recursive: true })
    return await mkdtemp(path.join(cache, "run-"))
  }),
  (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
)

const exists = (folder: string) => Effect.promise(() => stat(folder).then(() => true, () => false))

/** The folder of this name; made by `fill` the first time, whole or not at all. */
export const kept = Effect.fnUntraced(
  function*<E, R>(name: string, fill: (folder: string) => Effect.Effect<void, E, R>) {
    const folder = path.join(cache, name)
    if (yield* exists(folder)) return folder
    yield* Effect.gen(function*() {
      const work = path.join(yield* temporaryFolder, name)
      yield* fill(work)
      yield* Effect.promise(() => rename(work, folder))
    }).pipe(Effect.scoped)
    return folder
  }
)

export const copyFolder = (from: string, to: string) => Effect.promise(() => cp(from, to, { recursive: true }))
