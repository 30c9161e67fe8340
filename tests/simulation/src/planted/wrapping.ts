/** How a bug is put into a port: another commit in the place of each writer's own, another answer to each request. */
import type { ReceiverContext, ReceiverRequest } from "@tailrace/destinations"
import { LedgerEvent, type ReceiverAnswer } from "@tailrace/domain"
import type { Fenced, LaneEntry, LaneWriter, Log, LogError, Topic } from "@tailrace/log"
import { Effect, Schema } from "effect"
import type { Process } from "../engine/Process.ts"
import type { WrapLog, WrapReceivers, Wraps } from "../world/Fleet.ts"
import { textOf } from "../world/History.ts"
import type { World } from "../world/World.ts"

const codec = Schema.fromJsonString(LedgerEvent)
const decode = Schema.decodeUnknownSync(codec)
const encode = Schema.encodeSync(codec)

export const eventOf = (entry: LaneEntry): LedgerEvent | undefined =>
  entry.topic === "ledger" ? decode(textOf(entry.value)) : undefined

export const withEvent = (entry: LaneEntry, event: LedgerEvent): LaneEntry => ({
  ...entry,
  value: new TextEncoder().encode(encode(event))
})

/** `shows`: the invariant that it must be found by; none: any. */
export interface Bug extends Wraps {
  readonly shows?: string
}

export type Ends = ReadonlyMap<Topic, number>
export type Commit = (entries: ReadonlyArray<LaneEntry>) => Effect.Effect<Ends, Fenced | LogError>

export interface Place {
  readonly log: Log["Service"]
  readonly world: World
  readonly process: Process
}

export const wrapCommit = (change: (inner: LaneWriter, place: Place) => Commit): WrapLog => (log, world, process) => ({
  ...log,
  claim: (lane) => Effect.map(log.claim(lane), (inner) => ({ lane, commit: change(inner, { log, world, process }) }))
})

export interface Answered {
  readonly answer: ReceiverAnswer
  readonly request: ReceiverRequest
  readonly context: ReceiverContext
  readonly process: Process
}

export const wrapAnswers =
  (change: (answered: Answered) => ReceiverAnswer): WrapReceivers => (receivers, _world, process) => ({
    open: (config, secret, context) =>
      Effect.map(receivers.open(config, secret, context), (receiver) => ({
        ...receiver,
        send: (request, known) =>
          Effect.map(receiver.send(request, known), (answer) => change({ answer, request, context, process }))
      }))
  })
