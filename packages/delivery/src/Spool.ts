/**
 * Where compressed frames wait when memory is short: one file for each window. A cache: what it loses is read again
 * from the log. Never the truth, so nothing is synced, and what a process left behind is removed by the next.
 */
import { Context, Effect, Layer, Schema, type Scope } from "effect"
import { constants, mkdir, open, rm } from "node:fs/promises"
import { join } from "node:path"

/** The spool lost something, or has no space: the leg reads its records again from the log. */
export class SpoolError extends Schema.TaggedError<SpoolError>()("SpoolError", { reason: Schema.String }) {}

export interface SpoolFile {
  /** Appends frames one behind the other; answers where the first one lies. */
  append(frames: ReadonlyArray<Uint8Array>): Effect.Effect<number, SpoolError>
  /** Fills `into` with what lies at `position`. */
  read(position: number, into: Uint8Array): Effect.Effect<void, SpoolError>
}

export class Spool extends Context.Service<Spool, {
  /** An empty file, removed when the scope closes. */
  readonly open: Effect.Effect<SpoolFile, SpoolError, Scope.Scope>
}>()("@tailrace/delivery/Spool") {
  /** Files in `folder`, which is emptied first. */
  static readonly layer = (folder: string) =>
    Layer.effect(
      Spool,
      Effect.gen(function*() {
        yield* attempt(async () => {
          await rm(folder, { recursive: true, force: true })
          await mkdir(folder, { recursive: true })
        }).pipe(Effect.orDie)
        let files = 0
        return Spool.of({ open: Effect.suspend(() => spoolFile(join(folder, `${files++}.frames`))) })
      })
    )
}

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, SpoolError> =>
  Effect.tryPromise({ try: run, catch: (cause) => new SpoolError({ reason: String(cause) }) })

const { O_CREAT, O_WRONLY } = constants
const ownerOnly = 0o600

/** Opened for each access: thousands of legs may spool at once, and file handles are few. Appends may overlap. */
const spoolFile = (path: string): Effect.Effect<SpoolFile, SpoolError, Scope.Scope> => {
  let size = 0
  const append = async (frames: ReadonlyArray<Uint8Array>): Promise<number> => {
    const length = frames.reduce((sum, frame) => sum + frame.length, 0)
    // The place is taken before anything waits.
    const at = size
    size += length
    await using file = await open(path, O_WRONLY | O_CREAT, ownerOnly)
    const { bytesWritten } = await file.writev(frames, at)
    if (bytesWritten < length) throw new Error(`${path} takes no more`)
    return at
  }
  const read = async (position: number, into: Uint8Array): Promise<void> => {
    await using file = await open(path, "r")
    const { bytesRead } = await file.read(into, 0, into.length, position)
    if (bytesRead < into.length) throw new Error(`${path} ends after ${position + bytesRead} bytes`)
  }
  const file: SpoolFile = {
    append: (frames) => attempt(() => append(frames)),
    read: (position, into) => attempt(() => read(position, into))
  }
  return Effect.acquireRelease(
    Effect.succeed(file),
    () => Effect.ignore(attempt(() => rm(path, { force: true })))
  )
}
