/** Tailscale's own log streaming calls. */
import { AccessDenied, type ApiError, Missing, Principal, TailraceApi } from "@tailrace/api"
import { type Destination, includes, type LogType, Tailnet, type TailnetState } from "@tailrace/domain"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { answerOf } from "../command/ApiAnswer.ts"
import { Commands } from "../command/Commands.ts"
import { DestinationChanges } from "../destination/DestinationChanges.ts"
import { streamAnswer } from "../destination/DestinationView.ts"
import { DestinationReport } from "../ledger/DestinationReport.ts"
import { ReadBack } from "../logs/ReadBack.ts"

interface Path {
  readonly tailnet: string
  readonly logType: LogType
}

const notConfigured = (logType: LogType) => new Missing({ message: `no stream of ${logType} logs is configured` })

/** As in Tailscale's API, who may not see a stream is told that there is none. */
const visibleStream = Effect.fnUntraced(function*(commands: Commands["Service"], { logType, tailnet }: Path) {
  const who = yield* Principal
  const state = yield* commands.tailnet(who, tailnet)
  const stream = Tailnet.permits(state, who.actor, "destinations:read") ? Tailnet.streamOf(state, logType) : undefined
  return stream ?? (yield* notConfigured(logType))
})

const currentVersion = (destination: Destination) => {
  const version = Tailnet.currentVersion(destination)
  return version === undefined ? Effect.fail(notConfigured(destination.logType)) : Effect.succeed(version)
}

export const StreamHandlers = HttpApiBuilder.group(
  TailraceApi,
  "stream",
  Effect.fnUntraced(function*(handlers) {
    const commands = yield* Commands
    const changes = yield* DestinationChanges
    const report = yield* DestinationReport
    return handlers.handleAll({
      get: Effect.fnUntraced(function*({ params }) {
        const stream = yield* visibleStream(commands, params)
        return streamAnswer(stream, yield* currentVersion(stream))
      }),
      put: Effect.fnUntraced(function*({ params: { logType, tailnet }, payload: body }) {
        const who = yield* Principal
        yield* changes.putStream({ who, tailnet: yield* commands.tailnet(who, tailnet), logType, body })
      }),
      delete: Effect.fnUntraced(function*({ params: { logType, tailnet } }) {
        const who = yield* Principal
        const { name } = yield* commands.tailnet(who, tailnet)
        const command = { _tag: "DeleteStream" as const, logType }
        yield* commands.execute(yield* commands.envelope(who, { tailnet: name, command }))
      }),
      status: Effect.fnUntraced(function*({ params }) {
        const stream = yield* visibleStream(commands, params)
        return yield* Effect.mapError(report.figures(stream), answerOf)
      })
    })
  })
)

const needsFlowLogs = (state: TailnetState): Effect.Effect<TailnetState, ApiError> =>
  includes(state.plan, "flow-logs")
    ? Effect.succeed(state)
    : Effect.fail(new AccessDenied({ message: `the plan ${state.plan} does not include network flow logs` }))

export const LogsHandlers = HttpApiBuilder.group(
  TailraceApi,
  "logs",
  Effect.fnUntraced(function*(handlers) {
    const commands = yield* Commands
    const readBack = yield* ReadBack
    return handlers.handleAll({
      configuration: Effect.fnUntraced(function*({ params, query }) {
        const { name } = yield* commands.tailnetFor(yield* Principal, params.tailnet, "audit-logs:read")
        const { actor = [], event = [], target = [] } = query
        return yield* readBack.audit(name, query, { actor, event, target })
      }),
      network: Effect.fnUntraced(function*({ params, query }) {
        const state = yield* commands.tailnetFor(yield* Principal, params.tailnet, "flow-logs:read")
        const { name } = yield* needsFlowLogs(state)
        return yield* readBack.flows(name, query)
      })
    })
  })
)
