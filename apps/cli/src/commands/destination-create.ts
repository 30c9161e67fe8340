/**
 * `tailrace destination create` and `update`: every field of every type as a flag. The body goes to the server as it
 * was said; the server says what is wrong with it.
 */
import { DestinationAnswer, destinationFields, DestinationType, type DestinationTypeName } from "@tailrace/api"
import { DestinationId, LogType } from "@tailrace/domain"
import { Console, Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { HttpClientRequest } from "effect/http"
import { call } from "../Api.ts"
import { fieldFlags, flagName, givenFields } from "../DestinationFlags.ts"
import { needsSecret, offeredSecret, readSecret, secretFields } from "../DestinationSecret.ts"
import { Usage } from "../Failure.ts"
import { Output } from "../Output.ts"
import { orAbsent } from "../Request.ts"
import { asFailure, Server } from "../Server.ts"

type Fields = Readonly<Record<string, unknown>>

const secretFile = Flag.FileText("secret-file").pipe(
  Flag.optional,
  Flag.withDescription("File with the secret: a token, a key, or a service account's JSON")
)

const send = Effect.fnUntraced(function*(method: "POST" | "PUT", path: string, body: Fields) {
  const { http, tailnet, url } = yield* Server
  const place = `/api/v2/tailnet/${encodeURIComponent(tailnet)}/${path}`
  return yield* HttpClientRequest.make(method)(place).pipe(
    HttpClientRequest.bodyJson(body),
    Effect.flatMap((request) => http.execute(request)),
    Effect.flatMap((response) => response.json),
    Effect.flatMap(Schema.decodeUnknownEffect(DestinationAnswer)),
    Effect.mapError(asFailure(url))
  )
})

/** Before a secret is asked for. */
const checkNeeded = (type: DestinationTypeName, fields: Fields): Effect.Effect<void, Usage> => {
  const missing = destinationFields[type].fields.find(({ name, needed }) => needed === "always" && !(name in fields))
  return missing === undefined
    ? Effect.void
    : Effect.fail(new Usage({ message: `a destination of type ${type} needs --${flagName(missing.name)}` }))
}

const variables = Object.values(secretFields).map(({ variable }) => variable).join(", ")

export const create = Command.make(
  "create",
  {
    type: Flag.Literals("type", LogType.literals).pipe(Flag.withDescription("Which logs")),
    destinationType: Flag.Literals("destination-type", DestinationType.literals).pipe(
      Flag.withDefault("s3"),
      Flag.withDescription("What kind of destination")
    ),
    startAt: Flag.String("start-at").pipe(
      Flag.optional,
      Flag.withDescription("now (default), earliest, or a time such as 2026-01-31T12:00:00Z")
    ),
    secretFile,
    fields: fieldFlags
  },
  Effect.fn(function*({ destinationType, fields, secretFile, startAt, type }) {
    const given = givenFields(fields)
    yield* checkNeeded(destinationType, given)
    const read = needsSecret(destinationType, given) ? readSecret : offeredSecret
    const secret = yield* read(destinationType, secretFile)
    const body = { destinationType, ...given, ...secret, ...orAbsent("startAt", startAt) }
    const made = yield* send("POST", `logging/${type}/destinations`, body)
    yield* (yield* Output).done(`Created ${made.id}. \`tailrace destination test ${made.id}\` tries it.`, made)
    if (type === "network") yield* hintOfFlowLogs
  })
).pipe(
  Command.withDescription(`Add a destination; its secret comes from ${variables}, a file, or is asked for`),
  Command.withExamples([{
    command: "tailrace destination create --type configuration --s3-bucket logs --s3-access-key-id AKIA…",
    description: "Audit logs to a bucket at AWS"
  }, {
    command: "tailrace destination create --type network --s3-bucket logs --endpoint https://s3.example.com …",
    description: "Flow logs to an S3-compatible service"
  }, {
    command: "tailrace destination create --type network --destination-type splunk " +
      "--endpoint https://splunk.example.com:8088/services/collector/event",
    description: "Flow logs to Splunk"
  }])
)

const hintOfFlowLogs = Effect.gen(function*() {
  const settings = yield* call((api, tailnet) => api.settings.get({ params: { tailnet } }))
  if (settings.networkFlowLoggingOn) return
  yield* Console.error("Flow logs of this tailnet are off, so nothing can arrive: `tailrace tailnet flow-logs on`")
})

const readOnly = new Set(["id", "slot", "logType", "paused", "version", "created", "updated", "updatedBy", "name"])

/** What may be put again of an answer. One period is enough, and minutes are the coarser one. */
const putAgain = (answer: DestinationAnswer, given: Fields): Fields => {
  const kept = Object.entries(answer).filter(([name]) => !readOnly.has(name))
  const periods = "uploadPeriodSeconds" in given
    ? { uploadPeriodMinutes: 0 }
    : "uploadPeriodMinutes" in given
    ? { uploadPeriodSeconds: null }
    : {}
  return { ...Object.fromEntries(kept), ...periods, ...given }
}

export const update = Command.make(
  "update",
  {
    id: Argument.String("id").pipe(
      Argument.withSchema(DestinationId),
      Argument.withDescription("Id of the destination")
    ),
    newSecret: Flag.Boolean("new-secret").pipe(
      Flag.withDefault(false),
      Flag.withDescription("Take a new secret from the environment, or ask for it; without this the present one stays")
    ),
    secretFile,
    fields: fieldFlags
  },
  Effect.fn(function*({ fields, id, newSecret, secretFile }) {
    const present = yield* call((api, tailnet) => api.destinations.get({ params: { tailnet, destination: id } }))
    const given = givenFields(fields)
    const takes = newSecret || Option.isSome(secretFile)
    const secret = takes ? yield* readSecret(present.destinationType, secretFile) : {}
    const changed = yield* send("PUT", `destinations/${id}`, { ...putAgain(present, given), ...secret })
    const what = changed.version === present.version ? "Nothing changed" : `Changed ${id}`
    yield* (yield* Output).done(`${what} (version ${changed.version}).`, changed)
  })
).pipe(
  Command.withDescription("Change fields of a destination; the others, and its secret, stay as they are"),
  Command.withExamples([{
    command: "tailrace destination update dst_… --compression gzip",
    description: "Another compression"
  }])
)
