/**
 * `tailrace destination create`: every field of an S3 destination as a flag. The secret comes from the environment or
 * is asked for, so that it stands in no shell history and in no list of processes.
 */
import { Addressing, Codec, EmptyWindows, KeyLayout, LogType } from "@tailrace/domain"
import { Config, Console, Effect, Option, Redacted, Stdio, Stream } from "effect"
import { Command, Flag, Prompt } from "effect/cli"
import { call } from "../Api.ts"
import { Usage } from "../Failure.ts"
import { Output } from "../Output.ts"
import { orAbsent, wholeFrom } from "../Request.ts"

const text = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDefault(""), Flag.withDescription(description))

const flags = {
  type: Flag.Literals("type", LogType.literals).pipe(Flag.withDescription("Which logs")),
  name: text("name", "A name for people"),
  bucket: Flag.String("bucket").pipe(Flag.withDescription("Bucket")),
  url: text("endpoint", "URL of an S3-compatible service; absent for AWS"),
  region: text("region", "Region; absent: us-east-1 is signed"),
  prefix: text("prefix", "Put before each object key as it is; no slash is added"),
  accessKeyId: Flag.String("access-key-id").pipe(Flag.withDescription("Access key id")),
  codec: Flag.Literals("codec", Codec.literals).pipe(Flag.withDefault("zstd"), Flag.withDescription("Compression")),
  period: Flag.Int("period-seconds").pipe(
    Flag.withSchema(wholeFrom(5, 86_400)),
    Flag.withDefault(60),
    Flag.withDescription("Length of an upload period")
  ),
  keyLayout: Flag.Literals("key-layout", KeyLayout.literals).pipe(
    Flag.withDefault("documented"),
    Flag.withDescription("Names of objects: as Tailscale documents them, or as its service writes them")
  ),
  emptyWindows: Flag.Literals("empty-windows", EmptyWindows.literals).pipe(
    Flag.withDefault("none"),
    Flag.withDescription("What a period without records writes")
  ),
  addressing: Flag.Literals("addressing", Addressing.literals).pipe(
    Flag.withDefault("auto"),
    Flag.withDescription("Bucket in the path or in the host name")
  ),
  startAt: Flag.String("start-at").pipe(
    Flag.optional,
    Flag.withDescription("now (default), earliest, or a time such as 2026-01-31T12:00:00Z")
  )
}

/** Variable that holds the secret access key. */
const secretVariable = "TAILRACE_S3_SECRET_ACCESS_KEY"

const typed = Effect.gen(function*() {
  const stdio = yield* Stdio.Stdio
  if (yield* stdio.stdinIsTerminal) return yield* Prompt.run(Prompt.Password({ message: "Secret access key" }))
  const lines = yield* stdio.stdin.pipe(Stream.decodeText(), Stream.splitLines, Stream.take(1), Stream.runCollect)
  return Redacted.make((lines[0] ?? "").trim())
}).pipe(Effect.mapError(() => new Usage({ message: `set ${secretVariable}, or give the secret on stdin` })))

const secret = Effect.gen(function*() {
  const set = yield* Config.Redacted(secretVariable).pipe(Config.option, Effect.orDie)
  const given = Option.isSome(set) ? set.value : yield* typed
  if (Redacted.value(given) !== "") return given
  return yield* new Usage({ message: `set ${secretVariable}, or give the secret on stdin` })
})

export const create = Command.make(
  "create",
  flags,
  Effect.fn(function*({ type: logType, startAt, ...given }) {
    const payload = {
      destinationType: "s3" as const,
      name: given.name,
      url: given.url,
      s3Bucket: given.bucket,
      s3Region: given.region,
      s3KeyPrefix: given.prefix,
      s3AuthenticationType: "accesskey" as const,
      s3AccessKeyId: given.accessKeyId,
      s3SecretAccessKey: Redacted.value(yield* secret),
      compressionFormat: given.codec,
      uploadPeriodSeconds: given.period,
      keyLayout: given.keyLayout,
      emptyWindows: given.emptyWindows,
      addressing: given.addressing,
      ...orAbsent("startAt", startAt)
    }
    const made = yield* call((api, tailnet) => api.destinations.create({ params: { tailnet, logType }, payload }))
    yield* (yield* Output).done(`Created ${made.id}. \`tailrace destination test ${made.id}\` tries it.`, made)
    if (logType === "network") yield* hintOfFlowLogs
  })
).pipe(
  Command.withDescription(`Add a destination; the secret access key comes from ${secretVariable} or is asked for`),
  Command.withExamples([{
    command: "tailrace destination create --type configuration --bucket logs --access-key-id AKIA…",
    description: "Audit logs to a bucket at AWS"
  }, {
    command: "tailrace destination create --type network --bucket logs --endpoint https://s3.example.com …",
    description: "Flow logs to an S3-compatible service"
  }])
)

const hintOfFlowLogs = Effect.gen(function*() {
  const settings = yield* call((api, tailnet) => api.settings.get({ params: { tailnet } }))
  if (settings.networkFlowLoggingOn) return
  yield* Console.error("Flow logs of this tailnet are off, so nothing can arrive: `tailrace tailnet flow-logs on`")
})
