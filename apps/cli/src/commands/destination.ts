/** `tailrace destination …`: where records go. What it takes to create one is in `destination-create.ts`. */
import { DestinationId, LogType } from "@tailrace/domain"
import type { DestinationAnswer } from "@tailrace/api"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { call } from "../Api.ts"
import { Refused } from "../Failure.ts"
import { Output } from "../Output.ts"
import { create } from "./destination-create.ts"

const id = Argument.String("id").pipe(
  Argument.withSchema(DestinationId),
  Argument.withDescription("Id of the destination, as `destination list` shows it")
)

const target = (destination: DestinationAnswer): string =>
  destination.s3Bucket === undefined
    ? destination.url
    : `${destination.url === "" ? "s3" : destination.url}/${destination.s3Bucket}/${destination.s3KeyPrefix ?? ""}`

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
      { title: "state", cell: ({ state }) => state },
      { title: "to", cell: target },
      { title: "every", cell: ({ uploadPeriodSeconds }) => `${uploadPeriodSeconds} s` },
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
      ["state", now.state],
      ["last error", now.lastError],
      ["to", target(config)],
      ["access key id", config.s3AccessKeyId ?? ""],
      ["upload", `every ${config.uploadPeriodSeconds} s, ${config.compressionFormat}, ${config.keyLayout} keys`],
      ["objects", String(now.numObjects)],
      ["records sent", String(now.numEntriesSent)],
      ["bytes sent", String(now.numBytesSent)],
      ["quarantined", String(now.numQuarantinedEntries)],
      ["waiting", `${now.lagRecords} records, the oldest for ${Math.round(now.lagSeconds)} s`],
      ["time left", timeLeft(now.secondsUntilLoss)],
      ["next attempt", now.nextProbe ?? ""],
      ["changed", `${config.updated} by ${config.updatedBy} (version ${config.version})`]
    ])
  })
).pipe(Command.withDescription("Show one destination and how it is doing"))

const test = Command.make(
  "test",
  { id },
  Effect.fn(function*({ id: destination }) {
    const result = yield* call((api, tailnet) => api.destinations.test({ params: { tailnet, destination } }))
    if (!result.ok) return yield* new Refused({ status: 200, message: `test failed: ${result.message}` })
    yield* (yield* Output).item(result, [
      ["test", "ok"],
      ["conditional put", result.capabilities?.conditionalPut === true ? "yes" : "no"],
      ["inspect objects", result.capabilities?.inspect === true ? "yes" : "no"]
    ])
  })
).pipe(Command.withDescription("Write a small object and say what the store can do"))

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
    list,
    show,
    act("pause", "Paused", "Stop sending; the place is kept"),
    act("resume", "Resumed", "Send again from the place that was kept"),
    test,
    act("delete", "Deleted", "Delete a destination; what it has written stays")
  ])
)
