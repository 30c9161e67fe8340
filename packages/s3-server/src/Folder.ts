/**
 * Adapter: buckets and objects as plain files, `<folder>/<bucket>/<key>`, so that a person can read them. What a file
 * cannot say of itself lies in `<folder>/.s3/records/<inode>.json`: written before the file gets its name, it becomes
 * visible with it, in one step. Nothing is fsynced: this server is for demonstrations and tests.
 */
import { Effect, Option, Schema } from "effect"
import { createHash, randomUUID } from "node:crypto"
import { createWriteStream } from "node:fs"
import {
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
  writeFile
} from "node:fs/promises"
import { dirname, join } from "node:path"
import type { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { foreignRecord, type ObjectRecord, ObjectRecordJson } from "./ObjectRecord.ts"
import { S3Error, s3Error } from "./S3Error.ts"

/** A body on disk that has no name yet. */
export interface Staged {
  readonly path: string
  readonly size: number
  readonly md5: Buffer
  readonly sha256: string
}

export interface Stored {
  readonly record: ObjectRecord
  readonly modified: Date
}

export interface Place {
  readonly bucket: string
  readonly key: string
}

const codeOf = (cause: unknown) =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "UNKNOWN"

/** What the file system's refusals mean to a client; everything else is our own failure. */
const meanings: Readonly<Record<string, S3Error>> = {
  EEXIST: s3Error("PreconditionFailed"),
  EISDIR: s3Error("ObjectIsFolder"),
  ENAMETOOLONG: s3Error("KeyTooLongError"),
  ENOENT: s3Error("NoSuchKey"),
  ENOTDIR: s3Error("ObjectIsFolder"),
  ENOTEMPTY: s3Error("ObjectIsFolder"),
  ERR_STREAM_PREMATURE_CLOSE: s3Error("IncompleteBody"),
  ECONNRESET: s3Error("IncompleteBody")
}

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, S3Error> =>
  Effect.tryPromise({ try: run, catch: (cause) => meanings[codeOf(cause)] ?? s3Error("InternalError", codeOf(cause)) })

const hidden = ".s3"

export class Folder {
  readonly #root: string

  private constructor(root: string) {
    this.#root = root
  }

  /** Makes the folder if it is absent, and throws away what an earlier process left half done. */
  static readonly open = Effect.fn("Folder.open")(function*(root: string) {
    yield* attempt(() => rm(join(root, hidden, "staged"), { recursive: true, force: true }))
    yield* attempt(() => mkdir(join(root, hidden, "staged"), { recursive: true }))
    yield* attempt(() => mkdir(join(root, hidden, "records"), { recursive: true }))
    return new Folder(root)
  })

  #pathOf({ bucket, key }: Place) {
    return join(this.#root, bucket, ...key.split("/"))
  }

  #recordPath(inode: bigint) {
    return join(this.#root, hidden, "records", `${inode}.json`)
  }

  readonly buckets: Effect.Effect<ReadonlyArray<{ readonly name: string; readonly modified: Date }>, S3Error> = attempt(
    async () => {
      const names = (await readdir(this.#root, { withFileTypes: true }))
        .filter((entry) => entry.isDirectory() && entry.name !== hidden).map(({ name }) => name).toSorted()
      return Promise.all(
        names.map(async (name) => ({ name, modified: (await stat(join(this.#root, name))).birthtime }))
      )
    }
  )

  createBucket(bucket: string): Effect.Effect<void, S3Error> {
    return attempt(() => mkdir(join(this.#root, bucket))).pipe(
      Effect.mapError((error) => error.code === "PreconditionFailed" ? s3Error("BucketAlreadyOwnedByYou") : error)
    )
  }

  deleteBucket(bucket: string): Effect.Effect<void, S3Error> {
    return attempt(() => rmdir(join(this.#root, bucket))).pipe(
      Effect.mapError((error) => error.code === "ObjectIsFolder" ? s3Error("BucketNotEmpty") : s3Error("NoSuchBucket"))
    )
  }

  requireBucket(bucket: string): Effect.Effect<void, S3Error> {
    return attempt(() => stat(join(this.#root, bucket))).pipe(
      Effect.asVoid,
      Effect.mapError(() => s3Error("NoSuchBucket"))
    )
  }

  /** The staged file is gone with the scope, unless it has got a name. */
  stage(body: Readable) {
    const path = join(this.#root, hidden, "staged", randomUUID())
    return Effect.acquireRelease(Effect.succeed(path), () => Effect.ignore(attempt(() => unlink(path)))).pipe(
      Effect.andThen(attempt(() => writeStaged(body, path)))
    )
  }

  /** `onlyIfAbsent`: of any number of racing writers exactly one succeeds, the others get `PreconditionFailed`. */
  store(place: Place, { onlyIfAbsent, record, staged }: {
    readonly staged: Staged
    readonly record: ObjectRecord
    readonly onlyIfAbsent: boolean
  }): Effect.Effect<void, S3Error> {
    const path = this.#pathOf(place)
    const name = onlyIfAbsent ? link : rename
    return attempt(async () => {
      const recordPath = this.#recordPath((await stat(staged.path, { bigint: true })).ino)
      await writeFile(recordPath, Schema.encodeSync(ObjectRecordJson)(record))
      // Before the staged file goes, since its inode may be another's a moment later.
      const forget = (cause: unknown) => rm(recordPath, { force: true }).then(() => Promise.reject(cause))
      await mkdir(dirname(path), { recursive: true }).then(() => name(staged.path, path)).catch(forget)
    }).pipe(Effect.catch((error) => this.#refused(path, error)))
  }

  /** A folder in the object's place refuses a link just as an object does. */
  #refused(path: string, error: S3Error): Effect.Effect<never, S3Error> {
    if (error.code !== "PreconditionFailed") return Effect.fail(error)
    return attempt(() => stat(path)).pipe(
      Effect.mapError(() => s3Error("ObjectIsFolder")),
      Effect.flatMap((stats) => Effect.fail(stats.isDirectory() ? s3Error("ObjectIsFolder") : error))
    )
  }

  /** The object's bytes as an open file: a concurrent overwrite does not change what is read. Closed with the scope. */
  read(place: Place) {
    return Effect.acquireRelease(
      attempt(() => open(this.#pathOf(place), "r")),
      (file) => Effect.ignore(attempt(() => file.close()))
    ).pipe(
      Effect.flatMap((file) => Effect.map(this.#inspect(place.key, file), (stored) => ({ ...stored, file }))),
      Effect.mapError((error) => error.code === "ObjectIsFolder" ? s3Error("NoSuchKey") : error)
    )
  }

  #inspect(key: string, file: FileHandle): Effect.Effect<Stored, S3Error> {
    return attempt(() => file.stat({ bigint: true })).pipe(
      Effect.filterOrFail((stats) => stats.isFile(), () => s3Error("NoSuchKey")),
      Effect.flatMap((stats) =>
        Effect.map(this.#record(stats.ino), (found) => ({
          modified: stats.mtime,
          // Inodes are used again: a record of another key or size belongs to a file that is gone.
          record: Option.getOrElse(
            Option.filter(found, (record) => record.key === key && record.size === Number(stats.size)),
            () => foreignRecord(key, Number(stats.size))
          )
        }))
      )
    )
  }

  #record(inode: bigint): Effect.Effect<Option.Option<ObjectRecord>> {
    return attempt(() => readFile(this.#recordPath(inode), "utf8")).pipe(
      Effect.flatMap((text) => Schema.decodeEffect(ObjectRecordJson)(text)),
      Effect.option
    )
  }

  /** Also takes away the folders that are empty now. An absent object is no failure, as in S3. */
  remove(place: Place): Effect.Effect<void, S3Error> {
    const bucket = join(this.#root, place.bucket)
    const prune = async (path: string): Promise<void> => {
      if (path === bucket) return
      await rmdir(path)
      await prune(dirname(path))
    }
    return attempt(() => unlink(this.#pathOf(place))).pipe(
      Effect.andThen(Effect.ignore(attempt(() => prune(dirname(this.#pathOf(place)))))),
      Effect.catchIf((error) => ["NoSuchKey", "ObjectIsFolder"].includes(error.code), () => Effect.void)
    )
  }

  /** Every key that begins with `prefix`, in the order of UTF-8 bytes. */
  keys(bucket: string, prefix: string): Effect.Effect<ReadonlyArray<string>, S3Error> {
    const under = prefix.includes("/") ? prefix.slice(0, prefix.lastIndexOf("/")) : ""
    const walk = async (path: string): Promise<ReadonlyArray<string>> => {
      const entries = await readdir(join(this.#root, bucket, path), { withFileTypes: true })
      const found = await Promise.all(entries.map(async (entry) => {
        const key = path === "" ? entry.name : `${path}/${entry.name}`
        if (entry.isDirectory()) {
          return prefix.startsWith(`${key}/`) || key.startsWith(prefix) || prefix === ""
            ? walk(key)
            : []
        }
        return entry.isFile() && key.startsWith(prefix) ? [key] : []
      }))
      return found.flat()
    }
    return attempt(() => walk(under)).pipe(
      Effect.map((keys) => keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))),
      Effect.catchIf((error) => ["NoSuchKey", "ObjectIsFolder"].includes(error.code), () => Effect.succeed([]))
    )
  }
}

const writeStaged = async (body: Readable, path: string): Promise<Staged> => {
  const [md5, sha256] = [createHash("md5"), createHash("sha256")]
  let size = 0
  const measured = async function*(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      md5.update(chunk)
      sha256.update(chunk)
      size += chunk.byteLength
      yield chunk
    }
  }
  await pipeline(body, measured, createWriteStream(path))
  return { path, size, md5: md5.digest(), sha256: sha256.digest("hex") }
}
