/**
 * What the demo must find again at the next start: the port of its S3 server (a destination's endpoint may not change
 * under an open seal) and the credentials of it. One small file in the data folder.
 */
import { StartupFailure } from "@tailrace/process"
import { Effect, FileSystem, Option, Redacted, Schema } from "effect"
import { randomBytes } from "node:crypto"

const Identity = Schema.Struct({
  /** 0: not chosen yet. */
  port: Schema.Int,
  accessKeyId: Schema.NonEmptyString,
  secretAccessKey: Schema.RedactedFromValue(Schema.NonEmptyString)
})
export type DemoIdentity = typeof Identity.Type

const IdentityJson = Schema.fromJsonString(Identity)

const fresh = Effect.sync((): DemoIdentity => ({
  port: 0,
  accessKeyId: "tailrace-demo",
  secretAccessKey: Redacted.make(randomBytes(20).toString("hex"))
}))

const unusable = (file: string) =>
  Effect.mapError((error: Error) =>
    new StartupFailure({ message: `${file} cannot be used (${error.message.split("\n", 1)[0]}): remove it` })
  )

/** None: there was no demo yet. */
const read = Effect.fnUntraced(function*(file: string) {
  const files = yield* FileSystem.FileSystem
  if (!(yield* files.exists(file))) return Option.none<DemoIdentity>()
  return Option.some(yield* Schema.decodeEffect(IdentityJson)(yield* files.readFileString(file)))
})

export const loadIdentity = Effect.fn("DemoIdentity.load")(function*(file: string) {
  const known = yield* read(file).pipe(unusable(file))
  return Option.isSome(known) ? known.value : yield* fresh
})

/** Readable by this user only. */
export const saveIdentity = Effect.fn("DemoIdentity.save")(function*(file: string, identity: DemoIdentity) {
  const files = yield* FileSystem.FileSystem
  const text = yield* Schema.encodeEffect(IdentityJson)(identity).pipe(unusable(file))
  yield* files.writeFileString(file, `${text}\n`, { mode: 0o600 }).pipe(unusable(file))
})
