/**
 * The secret of a destination: from a file, from the environment, or asked for, so that it stands in no shell history
 * and in no list of processes.
 */
import { type DestinationFieldName, destinationFields, type DestinationTypeName, fieldForms } from "@tailrace/api"
import { Config, Effect, Option, Redacted, Stdio, Stream } from "effect"
import { Prompt } from "effect/cli"
import { Usage } from "./Failure.ts"

interface SecretField {
  /** The environment's variable. */
  readonly variable: string
  readonly prompt: string
}

/** Every field that is a secret; others are not asked for. */
export const secretFields: Partial<Record<DestinationFieldName, SecretField>> = {
  token: { variable: "TAILRACE_TOKEN", prompt: "Token" },
  s3SecretAccessKey: { variable: "TAILRACE_S3_SECRET_ACCESS_KEY", prompt: "Secret access key" },
  gcsCredentials: { variable: "TAILRACE_GCS_CREDENTIALS", prompt: "Credentials (JSON)" },
  azureSecret: { variable: "TAILRACE_AZURE_SECRET", prompt: "Account key or shared access signature" }
}

/** The field of a type that is its secret. */
export const secretFieldOf = (type: DestinationTypeName): (SecretField & { readonly name: string }) | undefined => {
  const name = destinationFields[type].fields.find((field) => fieldForms.get(field.name)?.kind === "secret")?.name
  const field = name === undefined ? undefined : secretFields[name]
  return name === undefined || field === undefined ? undefined : { ...field, name }
}

/** Some configurations work without one. */
export const needsSecret = (type: DestinationTypeName, fields: Readonly<Record<string, unknown>>): boolean => {
  if (type === "s3") return fields["s3AuthenticationType"] !== "rolearn"
  return type !== "http" || (fields["authScheme"] ?? "none") !== "none"
}

const fromVariable = (variable: string) =>
  Config.Redacted(variable).pipe(Config.option, Effect.orDie, Effect.map(Option.getOrUndefined))

/** Credentials are a file of several lines. */
const fromStdin = Effect.fnUntraced(function*(isFile: boolean) {
  const { stdin } = yield* Stdio.Stdio
  const lines = yield* stdin.pipe(
    Stream.decodeText(),
    Stream.splitLines,
    Stream.take(isFile ? 10_000 : 1),
    Stream.runCollect
  )
  return Redacted.make(lines.join("\n").trim())
})

const asked = Effect.fnUntraced(function*({ name, prompt }: SecretField & { readonly name: string }) {
  const isWatched = yield* (yield* Stdio.Stdio).stdinIsTerminal
  return isWatched
    ? yield* Prompt.run(Prompt.Password({ message: prompt }))
    : yield* fromStdin(name === "gcsCredentials")
})

/** `file`: its text, if one was named. Without any secret the usage is wrong. */
export const readSecret = Effect.fnUntraced(function*(type: DestinationTypeName, file: Option.Option<string>) {
  const field = secretFieldOf(type)
  if (field === undefined) return {}
  const missing = new Usage({ message: `set ${field.variable}, or give the secret on stdin or with --secret-file` })
  const given = Option.isSome(file)
    ? Redacted.make(file.value.trim())
    : (yield* fromVariable(field.variable)) ?? (yield* Effect.mapError(asked(field), () => missing))
  const text = Redacted.value(given).trim()
  return text === "" ? yield* missing : { [field.name]: text }
})

/** The same of a type that may do without one: what the environment or a file has, and nothing is asked. */
export const offeredSecret = Effect.fnUntraced(function*(type: DestinationTypeName, file: Option.Option<string>) {
  const field = secretFieldOf(type)
  if (field === undefined) return {}
  const given = Option.isSome(file) ? Redacted.make(file.value) : yield* fromVariable(field.variable)
  const text = given === undefined ? "" : Redacted.value(given).trim()
  return text === "" ? {} : { [field.name]: text }
})
