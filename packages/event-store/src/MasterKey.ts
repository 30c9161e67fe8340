/**
 * Where the master key comes from: given as text, or a file that is made at the first start of an embedded log.
 * Adapter to the file system. What it opens is in `SecretCipher.ts`.
 */
import { Effect, Redacted, Result, Schema } from "effect"
import { randomBytes } from "node:crypto"
import { closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, statSync, unlinkSync } from "node:fs"
import { writeSync } from "node:fs"
import { dirname } from "node:path"
import type { MasterKey } from "./SecretCipher.ts"

/** The text is not 32 bytes in base64 or hex. It is never quoted. */
export class InvalidMasterKey extends Schema.TaggedError<InvalidMasterKey>()("InvalidMasterKey", {}) {
  override get message(): string {
    return "the master key must be 32 bytes, written in base64 or as 64 hex digits"
  }
}

/** The key's file cannot be made, read or trusted. */
export class MasterKeyFileError extends Schema.TaggedError<MasterKeyFileError>()("MasterKeyFileError", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `master key file ${this.path}: ${this.reason}`
  }
}

const keyBytes = 32
const hexForm = /^[0-9a-fA-F]{64}$/
const base64Form = /^[0-9a-zA-Z+/_-]{43}=?$/

/**
 * @example
 * ```ts
 * parseMasterKey(Redacted.make("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="))
 * ```
 */
export const parseMasterKey = (text: Redacted.Redacted): Result.Result<MasterKey, InvalidMasterKey> => {
  const value = Redacted.value(text).trim()
  const encoding = hexForm.test(value) ? "hex" : base64Form.test(value) ? "base64" : undefined
  if (encoding === undefined) return Result.fail(new InvalidMasterKey())
  const bytes = new Uint8Array(Buffer.from(value, encoding))
  return bytes.length === keyBytes ? Result.succeed(Redacted.make(bytes)) : Result.fail(new InvalidMasterKey())
}

const syncAndClose = (file: number) => {
  fsyncSync(file)
  closeSync(file)
}

/** Whole or not at all: written and synced beside, then linked, which never replaces a key that is there. */
const makeFile = (path: string): void => {
  const beside = `${path}.${randomBytes(6).toString("hex")}`
  const file = openSync(beside, "wx", 0o600)
  writeSync(file, `${randomBytes(keyBytes).toString("base64")}\n`)
  syncAndClose(file)
  try {
    linkSync(beside, path)
  } finally {
    unlinkSync(beside)
  }
  syncAndClose(openSync(dirname(path), "r"))
}

const readFile = (path: string): MasterKey => {
  if ((statSync(path).mode & 0o077) !== 0) throw new Error("others may read it; set its mode to 0600")
  const key = parseMasterKey(Redacted.make(readFileSync(path, "utf8")))
  if (Result.isFailure(key)) throw key.failure
  return key.success
}

/**
 * The key in the file, which is made (mode 0600, durable) if it is not there yet. Losing the file loses the secrets:
 * back it up apart from the data.
 */
export const masterKeyFile = (path: string): Effect.Effect<MasterKey, MasterKeyFileError> =>
  Effect.try({
    try: () => {
      if (!existsSync(path)) makeFile(path)
      return readFile(path)
    },
    catch: (cause) => new MasterKeyFileError({ path, reason: cause instanceof Error ? cause.message : String(cause) })
  })
