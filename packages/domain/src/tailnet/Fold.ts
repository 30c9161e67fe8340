/**
 * The fold of one tailnet's control records. It alone decides whether a record counts: every process and every release
 * that folds the same records has the same tailnet.
 */
import type { CommandEnvelope } from "../Command.ts"
import type { ControlEvent, ControlRecord } from "../ControlEvent.ts"
import type { TailnetState } from "../TailnetState.ts"
import type { Taken } from "./Decision.ts"
import { evolve } from "./Evolve.ts"

/** Command ids that a tailnet remembers; part of the fold's rule, so never to be changed for records that exist. */
export const rememberedCommands = 1_000

/** A tailnet and the last command ids that made it, oldest first. */
export interface TailnetFold {
  readonly state: TailnetState
  readonly commandIds: ReadonlyArray<string>
}

/** Whether the record counts: written for this very version, by a command that is not among those remembered. */
export const accept = (fold: TailnetFold | undefined, record: ControlRecord): boolean => {
  const createsTailnet = record.events[0]?._tag === "TailnetCreated"
  if (fold === undefined) return createsTailnet && record.expectedVersion === 0
  return !createsTailnet && record.events.length > 0 && record.tailnet === fold.state.name &&
    record.expectedVersion === fold.state.version && !fold.commandIds.includes(record.commandId)
}

/** The fold after the record; undefined if the record does not count. Nothing is changed in place. */
export const take = (fold: TailnetFold | undefined, taken: Taken): TailnetFold | undefined => {
  const { record } = taken
  if (!accept(fold, record)) return undefined
  let state: TailnetState | undefined = fold?.state
  for (const event of record.events) state = evolve(state, event, taken)
  if (state === undefined) return undefined
  return {
    state: { ...state, version: record.expectedVersion + 1 },
    commandIds: [...(fold?.commandIds.slice(1 - rememberedCommands) ?? []), record.commandId]
  }
}

/** The record that a command's events are appended as. */
export const recordOf = (
  { actor, at, commandId, eventGroupID, origin, tailnet }: CommandEnvelope,
  expectedVersion: number,
  events: ReadonlyArray<ControlEvent>
): ControlRecord => ({ tailnet, expectedVersion, commandId, eventGroupID, origin, actor, at, events })
