/**
 * One command from decision to result: decide on the fold, append under the expected version, wait for the fold, and
 * see whether it was taken. Nothing but the fold says so.
 */
import { type CommandEnvelope, Conflict, type ControlEvent, type ControlRecord } from "@tailrace/domain"
import { Tailnet } from "@tailrace/domain"
import type { TailnetState } from "@tailrace/domain"
import { laneOf, Log, LogUnavailable } from "@tailrace/log"
import { Effect, Option, Stream } from "effect"
import { encodeControlRecord, type UnknownControlRecord } from "./ControlCodec.ts"
import { historyOf } from "./History.ts"
import type { LaneFold } from "./LaneFold.ts"
import type { TailnetFolds } from "./TailnetFolds.ts"

/** How often a command is decided before others are said to be in the way. */
export const maxDecisions = 8

/** What a command did: its events, and the tailnet right after them. */
export interface Executed {
  readonly events: ReadonlyArray<ControlEvent>
  readonly state: TailnetState
}

export interface Execution {
  readonly log: Log["Service"]
  readonly folds: TailnetFolds
  readonly lanes: LaneFold<UnknownControlRecord>
}

/** The result of a command that the fold remembers: read again, since it is rare. */
const firstResult = ({ log }: Execution, { commandId, tailnet }: CommandEnvelope) =>
  historyOf(tailnet).pipe(
    Stream.filter(({ record }) => record.commandId === commandId),
    Stream.runHead,
    Effect.provideService(Log, log),
    Effect.catchTag("UnknownControlRecord", ({ message }) => Effect.fail(new LogUnavailable({ reason: message }))),
    Effect.flatMap(Option.match({
      onNone: () =>
        Effect.fail(new LogUnavailable({ reason: `command ${commandId} was taken, but is not in control` })),
      onSome: ({ record, state }) => Effect.succeed<Executed>({ events: record.events, state })
    }))
  )

/** Appends and waits for the fold; none: another command was first. */
const attempt = Effect.fnUntraced(
  function*({ folds, lanes, log }: Execution, record: ControlRecord) {
    const lane = laneOf(record.tailnet, log.lanes)
    const stateAfter = yield* folds.watch(record)
    const { baseOffset } = yield* log.append("control", lane, [encodeControlRecord(record)])
    yield* lanes.reach(lane, baseOffset + 1)
    const state = stateAfter(baseOffset)
    return state === undefined ? Option.none<Executed>() : Option.some<Executed>({ events: record.events, state })
  },
  Effect.scoped
)

/** One round; none: decide again. Decided and expected version are of the same fold, taken once. */
const round = Effect.fnUntraced(function*(execution: Execution, envelope: CommandEnvelope) {
  const fold = execution.folds.get(envelope.tailnet)
  if (fold?.commandIds.includes(envelope.commandId) === true) {
    return Option.some(yield* firstResult(execution, envelope))
  }
  const events = yield* Effect.fromResult(Tailnet.decide(fold?.state, envelope))
  if (events.length === 0 && fold !== undefined) return Option.some<Executed>({ events, state: fold.state })
  return yield* attempt(execution, Tailnet.recordOf(envelope, fold?.state.version ?? 0, events))
})

/** Rounds until one counts, at most `maxDecisions`. The caller lets in one command of a tailnet at a time. */
export const execute = Effect.fnUntraced(function*(execution: Execution, envelope: CommandEnvelope) {
  yield* execution.lanes.reachEnd(laneOf(envelope.tailnet, execution.log.lanes))
  for (let decision = 0; decision < maxDecisions; decision++) {
    const executed = yield* round(execution, envelope)
    if (Option.isSome(executed)) return executed.value
  }
  return yield* new Conflict({ message: `others changed the tailnet ${maxDecisions} times in the meantime; try again` })
})
