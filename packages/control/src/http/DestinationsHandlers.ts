/** Our own calls for any number of destinations. */
import { BadRequest, Missing, Principal, TailraceApi } from "@tailrace/api"
import { type Command, type DestinationId, type Permission, Tailnet, type TailnetState } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { Log } from "@tailrace/log"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { mintHex } from "../access/Credential.ts"
import { answerOf } from "../command/ApiAnswer.ts"
import { Commands } from "../command/Commands.ts"
import { DestinationChanges } from "../destination/DestinationChanges.ts"
import { destinationHistory } from "../destination/DestinationHistory.ts"
import { awaitTested } from "../destination/DestinationTest.ts"
import { destinationAnswer } from "../destination/DestinationView.ts"
import { given } from "../destination/wanted/Given.ts"
import { DestinationReport } from "../ledger/DestinationReport.ts"
import { LedgerProjection } from "../ledger/LedgerProjection.ts"

interface Path {
  readonly tailnet: string
  readonly destination: DestinationId
}

const notFound = (id: string) => new Missing({ message: `destination ${id} not found` })

const liveIn = (tailnet: TailnetState, id: DestinationId) => {
  const destination = Tailnet.liveDestination(tailnet, id)
  return destination === undefined ? Effect.fail(notFound(id)) : Effect.succeed({ tailnet, destination })
}

const makeDesk = Effect.gen(function*() {
  const commands = yield* Commands
  const control = yield* ControlLog

  const find = Effect.fnUntraced(function*({ destination, tailnet }: Path) {
    return yield* liveIn(yield* commands.tailnet(yield* Principal, tailnet), destination)
  })
  const look = Effect.fnUntraced(function*({ destination, tailnet }: Path, permission: Permission) {
    return yield* liveIn(yield* commands.tailnetFor(yield* Principal, tailnet, permission), destination)
  })
  const view = Effect.fnUntraced(function*(tailnet: TailnetState["name"], id: DestinationId) {
    const destination = control.tailnet(tailnet)?.destinations.get(id)
    const version = destination === undefined ? undefined : Tailnet.currentVersion(destination)
    if (destination === undefined || version === undefined) return yield* notFound(id)
    return destinationAnswer(destination, version)
  })
  /** Carries out a command that needs nothing but the destination. */
  const send = Effect.fnUntraced(function*(path: Path, command: (id: DestinationId) => Command) {
    const who = yield* Principal
    const { name } = yield* commands.tailnet(who, path.tailnet)
    yield* commands.execute(yield* commands.envelope(who, { tailnet: name, command: command(path.destination) }))
  })
  return { commands, find, look, view, send }
})

const isRenamed = (name: string | null | undefined, present: string) => (given(name) ?? present) !== present

const readings = Effect.gen(function*() {
  const { look } = yield* makeDesk
  const report = yield* DestinationReport
  const ledger = yield* LedgerProjection
  const log = yield* Log
  return {
    status: Effect.fnUntraced(function*(path: Path) {
      const { destination, tailnet } = yield* look(path, "destinations:read")
      return yield* Effect.mapError(report.status(tailnet, destination), answerOf)
    }),
    history: Effect.fnUntraced(function*(path: Path) {
      const { destination } = yield* look(path, "destinations:read")
      yield* Effect.mapError(ledger.caughtUp, answerOf)
      const history = yield* destinationHistory(destination, ledger.recent(destination.id)).pipe(
        Effect.provideService(Log, log),
        Effect.catchTag("UnknownControlRecord", Effect.die),
        Effect.mapError(answerOf)
      )
      return { history }
    })
  }
})

export const DestinationsHandlers = HttpApiBuilder.group(
  TailraceApi,
  "destinations",
  Effect.fnUntraced(function*(handlers) {
    const { commands, find, look, send, view } = yield* makeDesk
    const { history, status } = yield* readings
    const changes = yield* DestinationChanges
    const ledger = yield* LedgerProjection
    return handlers.handleAll({
      list: Effect.fnUntraced(function*({ params: { logType, tailnet } }) {
        const state = yield* commands.tailnetFor(yield* Principal, tailnet, "destinations:read")
        const live = [...state.destinations.values()].filter((it) => !it.deleted && it.logType === logType)
        return { destinations: yield* Effect.forEach(live, ({ id }) => view(state.name, id)) }
      }),
      create: Effect.fnUntraced(function*({ params: { logType, tailnet }, payload: body }) {
        const who = yield* Principal
        const state = yield* commands.tailnet(who, tailnet)
        return yield* view(state.name, yield* changes.create({ who, tailnet: state, logType, body }))
      }),
      get: Effect.fnUntraced(function*({ params }) {
        const { destination, tailnet } = yield* look(params, "destinations:read")
        return yield* view(tailnet.name, destination.id)
      }),
      update: Effect.fnUntraced(function*({ params, payload: body }) {
        const { destination, tailnet } = yield* find(params)
        if (isRenamed(body.name, destination.name)) {
          return yield* new BadRequest({ message: "name cannot be changed" })
        }
        yield* changes.update({ who: yield* Principal, tailnet, destination, body })
        return yield* view(tailnet.name, destination.id)
      }),
      delete: ({ params }) => send(params, (destination) => ({ _tag: "DeleteDestination", destination })),
      pause: ({ params }) => send(params, (destination) => ({ _tag: "PauseDestination", destination })),
      resume: ({ params }) => send(params, (destination) => ({ _tag: "ResumeDestination", destination })),
      test: Effect.fnUntraced(function*({ params }) {
        const test = yield* mintHex
        yield* send(params, (destination) => ({ _tag: "TestDestination", destination, test }))
        const { capabilities, message, ok } = yield* awaitTested(ledger, params.destination, test)
        return { ok, message, capabilities }
      }),
      status: ({ params }) => status(params),
      history: ({ params }) => history(params)
    })
  })
)
