/**
 * Opens the log's file: one owner (an exclusive transaction held on a file beside it), the settings that make an
 * answered commit durable, and checks that say clearly why the data cannot be used.
 */
import { closeSync, fsyncSync, mkdirSync, openSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { WorkerOptions } from "../WorkerMessage.ts"
import { numberAt, type Row, textAt } from "./Row.ts"
import { applicationId, createTables, formatVersion, pageBytes } from "./Schema.ts"
import { isBusy } from "./SqliteError.ts"

export const logFile = "log.sqlite"
export const lockFile = "lock.sqlite"

/** Another process has the data open. */
export class InUse extends Error {
  override readonly name = "InUse"
}

/** The data is not what this release and these settings can use. */
export class Unusable extends Error {
  override readonly name = "Unusable"
}

/** Cached pages, in KiB: enough for the tail that followers read back. */
const cacheKib = 4_096
/** Pages in the write-ahead log that trigger a checkpoint: 16 MiB. */
const checkpointPages = 1_024
const walBytesKept = 64 * 1_048_576

const syncDirectory = (path: string): void => {
  const descriptor = openSync(path, "r")
  fsyncSync(descriptor)
  closeSync(descriptor)
}

const makeDirectory = (directory: string): void => {
  const made = mkdirSync(directory, { recursive: true })
  if (made !== undefined) syncDirectory(dirname(resolve(made)))
}

const takeLock = (directory: string): DatabaseSync => {
  const lock = new DatabaseSync(join(directory, lockFile), { timeout: 0 })
  try {
    // No journal file: the lock must be had on a full disk too.
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE")
    return lock
  } catch (error) {
    lock.close()
    throw isBusy(error) ? new InUse("the data is in use by another process") : error
  }
}

export const pragma = (db: DatabaseSync, name: string): Row => db.prepare(`PRAGMA ${name}`).get() ?? {}

export const pragmaNumber = (db: DatabaseSync, name: string): number => numberAt(pragma(db, name), name)

const isEmpty = (db: DatabaseSync): boolean =>
  numberAt(db.prepare("SELECT count(*) AS objects FROM sqlite_schema").get(), "objects") === 0

/** The order matters: page size and vacuum mode hold only if set before anything is in the file. */
const configure = (db: DatabaseSync): void => {
  // Set on a file that exists, the vacuum mode would be a write, even on a damaged one.
  if (isEmpty(db)) db.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA auto_vacuum = INCREMENTAL`)
  db.exec(`PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA fullfsync = 1;
PRAGMA checkpoint_fullfsync = 1;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -${cacheKib};
PRAGMA wal_autocheckpoint = ${checkpointPages};
PRAGMA journal_size_limit = ${walBytesKept}`)
  const journal = textAt(pragma(db, "journal_mode"), "journal_mode")
  if (journal !== "wal") throw new Unusable(`the file system offers no write-ahead log (journal mode ${journal})`)
  if (pragmaNumber(db, "synchronous") !== 2) throw new Unusable("SQLite does not sync its commits")
}

const checkFormat = (db: DatabaseSync): void => {
  if (pragmaNumber(db, "application_id") !== applicationId) throw new Unusable(`${logFile} is not a log of Tailrace`)
  const version = pragmaNumber(db, "user_version")
  if (version > formatVersion) {
    throw new Unusable(`its format ${version} is newer than this release knows (${formatVersion})`)
  }
  if (pragmaNumber(db, "auto_vacuum") !== 2) throw new Unusable(`${logFile} was made without incremental vacuum`)
}

const checkLanes = (db: DatabaseSync, lanes: number): void => {
  const found = numberAt(db.prepare("SELECT count(DISTINCT lane) AS lanes FROM lane").get(), "lanes")
  if (found !== lanes) throw new Unusable(`it was made with ${found} lanes, the settings say ${lanes}`)
}

const openLog = ({ directory, lanes, maxFileBytes, topics }: WorkerOptions): DatabaseSync => {
  const db = new DatabaseSync(join(directory, logFile), { timeout: 5_000 })
  try {
    configure(db)
    if (isEmpty(db)) createTables(db, topics, lanes)
    checkFormat(db)
    checkLanes(db, lanes)
    if (maxFileBytes !== undefined) db.exec(`PRAGMA max_page_count = ${Math.ceil(maxFileBytes / pageBytes)}`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

export interface OpenedDatabase {
  readonly db: DatabaseSync
  /** Checkpoints, closes the log, then lets the next owner in. */
  readonly close: () => void
}

export const openDatabase = (options: WorkerOptions): OpenedDatabase => {
  makeDirectory(options.directory)
  const lock = takeLock(options.directory)
  try {
    const db = openLog(options)
    const close = () => {
      db.close()
      lock.close()
    }
    return { db, close }
  } catch (error) {
    lock.close()
    throw error
  }
}
