/** `tailrace destination …`: where records go. What it takes to create one is in `destination-create.ts`. */
import { type DestinationAnswer, destinationFields, type DestinationStatus } from "@tailrace/api"
import { type Capabilities, DestinationId, LogType } from "@tailrace/domain"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { call } from "../Api.ts"
import { Refused } from "../Failure.ts"
import { Output } from "../Output.ts"
import { create, update } from "./destination-create.ts"

const id = Argument.String("id").pipe(
  Argument.withSchema(DestinationId),
  Argument.withDescription("Id of the destination, as `destination list` shows it")
)

const prefixOf = ({ azureKeyPrefix, gcsKeyPrefix, s3KeyPrefix }: DestinationAnswer): string =>
  s3KeyPrefix ?? gcsKeyPrefix ?? azureKeyPrefix ?? ""

/** A bucket or a URL. */
const target = (answer: DestinationAnswer): string => {
  const { azureContainer, destinationType, gcsBucket, s3Bucket, url } = answer
  const bucket = s3Bucket ?? gcsBucket ?? azureContainer
  return bucket === undefined ? url : `${url === "" ? destinationType : url}/${bucket}/${prefixOf(answer)}`
}

const rhythm = ({ uploadPeriodSeconds }: DestinationAnswer): string =>
  uploadPeriodSeconds === undefined ? "as they come" : `${uploadPeriodSeconds} s`

const list = Command.make(
  "list",
  { type: Flag.Literals("type", LogType.literals).pipe(Flag.optional, Flag.withDescription("Only of this log type")) },
  Effect.fn(function*({ type }) {
    const types = Option.match(type, { onNone: () => LogType.literals, onSome: (one) => [one] })
    const lists = yield* Effect.forEach(
      types,
      (logType) => call((api, tailnet) => api.destinations.list({ params: { tailnet, logType } }))
    )
    const rows = yield* Effect.forEach(lists.flatMap(({ destinations }) => destinations), withState, { concurrency: 8 })
    yield* (yield* Output).list(rows, [
      { title: "id", cell: ({ id }) => id },
      { title: "name", cell: ({ name }) => name },
      { title: "type", cell: ({ logType }) => logType },
      { title: "kind", cell: ({ destinationType }) => destinationType },
      { title: "state", cell: ({ state }) => state },
      { title: "to", cell: target },
      { title: "every", cell: rhythm },
      { title: "codec", cell: ({ compressionFormat }) => compressionFormat },
      { title: "waiting", cell: ({ lagRecords }) => String(lagRecords) }
    ], "The tailnet has no destinations. `tailrace destination create --help` says how to make one.")
  })
).pipe(Command.withDescription("List the destinations and how they are doing"))

const status = (destination: DestinationId) =>
  call((api, tailnet) => api.destinations.status({ params: { tailnet, destination } }))

const withState = (destination: DestinationAnswer) =>
  Effect.map(status(DestinationId.make(destination.id)), ({ lagRecords, state }) => ({
    ...destination,
    state,
    lagRecords
  }))

/** Until retention takes the oldest record that waits. */
const timeLeft = (secondsUntilLoss: number | null): string =>
  secondsUntilLoss === null ? "" : `${(secondsUntilLoss / 86_400).toFixed(1)} days until the oldest record is lost`

const perSecond = (rate: number): string => `${rate < 10 ? rate.toFixed(2) : Math.round(rate)}/s`

const found = (capabilities: Capabilities | null): ReadonlyArray<readonly [string, string]> =>
  Object.entries(capabilities ?? {}).map(([name, value]) => [
    words(name),
    typeof value === "boolean" ? (value ? "yes" : "no") : value
  ])

/** A field's name as words. */
const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** How it is doing, for a person. */
const statusRows = (now: DestinationStatus): ReadonlyArray<readonly [string, string]> => [
  ["state", now.state],
  ["last error", now.lastError],
  ["failed in a row", now.attempts === 0 ? "" : String(now.attempts)],
  ["suspended since", now.suspendedSince ?? ""],
  ["next attempt", now.nextProbe ?? ""],
  ["waiting", `${now.lagRecords} records, the oldest for ${Math.round(now.lagSeconds)} s`],
  ["time left", timeLeft(now.secondsUntilLoss)],
  ["records sent", `${now.numEntriesSent}, ${perSecond(now.rateEntriesSent)}`],
  ["bytes sent", `${now.numBytesSent}, ${perSecond(now.rateBytesSent)}`],
  ["requests", `${now.numTotalRequests}, ${perSecond(now.rateTotalRequests)}`],
  ["failed requests", `${now.numFailedRequests}, ${perSecond(now.rateFailedRequests)}`],
  ["objects", now.numObjects === 0 ? "" : String(now.numObjects)],
  ["quarantined", String(now.numQuarantinedEntries)],
  ...found(now.capabilities)
]

/** The fields of its type, but for those that every type has. */
const fieldRows = (config: DestinationAnswer): ReadonlyArray<readonly [string, string]> => {
  const values = new Map<string, unknown>(Object.entries(config))
  return destinationFields[config.destinationType].fields.flatMap(({ name }) => {
    const value = values.get(name)
    if (value === undefined || value === "" || name === "name" || name === "uploadPeriodMinutes") return []
    return [[words(name), typeof value === "string" ? value : JSON.stringify(value)] as const]
  })
}

const show = Command.make(
  "show",
  { id },
  Effect.fn(function*({ id: destination }) {
    const config = yield* call((api, tailnet) => api.destinations.get({ params: { tailnet, destination } }))
    const now = yield* status(destination)
    yield* (yield* Output).item({ ...config, status: now }, [
      ["id", config.id],
      ["name", config.name],
      ["type", config.logType],
      ["kind", config.destinationType],
      ["to", target(config)],
      ...fieldRows(config),
      ["changed", `${config.updated} by ${config.updatedBy} (version ${config.version})`],
      ...statusRows(now)
    ])
  })
).pipe(Command.withDescription("Show one destination and how it is doing"))

const state = Command.make(
  "status",
  { id },
  Effect.fn(function*({ id: destination }) {
    const now = yield* status(destination)
    yield* (yield* Output).item(now, statusRows(now))
  })
).pipe(Command.withDescription("Show how one destination is doing"))

const test = Command.make(
  "test",
  { id },
  Effect.fn(function*({ id: destination }) {
    const result = yield* call((api, tailnet) => api.destinations.test({ params: { tailnet, destination } }))
    if (!result.ok) return yield* new Refused({ status: 200, message: `test failed: ${oneLine(result.message)}` })
    yield* (yield* Output).item(result, [
      ["test", "ok"],
      ["answer", result.message],
      ...found(result.capabilities)
    ])
  })
).pipe(Command.withDescription("Write a small object, or send a test event, and say what the destination can do"))

/** A destination's answer may have several lines; an error is one. */
const oneLine = (text: string): string =>
  text.split("\n").map((line) => line.trim()).filter((line) => line !== "").join(" ")

type Act = "pause" | "resume" | "delete"

const act = (name: Act, past: string, description: string) =>
  Command.make(
    name,
    { id },
    Effect.fn(function*({ id: destination }) {
      yield* call((api, tailnet) => api.destinations[name]({ params: { tailnet, destination } }))
      yield* (yield* Output).done(`${past} ${destination}`, { id: destination })
    })
  ).pipe(Command.withDescription(description))

export const destination = Command.make("destination").pipe(
  Command.withDescription("Destinations: where records go"),
  Command.withSubcommands([
    create,
    update,
    list,
    show,
    state,
    act("pause", "Paused", "Stop sending; the place is kept"),
    act("resume", "Resumed", "Send again from the place that was kept"),
    test,
    act("delete", "Deleted", "Delete a destination; what it has written stays")
  ])
)
