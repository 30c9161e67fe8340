/** What every decider of this folder answers, and the words it is asked in. */
import { Result } from "effect"
import type { Command, CommandEnvelope } from "../Command.ts"
import type { ControlEvent, ControlRecord } from "../ControlEvent.ts"
import { Conflict, Forbidden, Invalid, NotFound, type Refusal } from "../Refusal.ts"
import type { TailnetState } from "../TailnetState.ts"

export type CommandOf<Tag extends Command["_tag"]> = Extract<Command, { readonly _tag: Tag }>
export type EventOf<Tag extends ControlEvent["_tag"]> = Extract<ControlEvent, { readonly _tag: Tag }>

/** The events of a command; none: it is so already, and nothing is appended. */
export type Decision = Result.Result<ReadonlyArray<ControlEvent>, Refusal>

/** Decides one command of an existing tailnet whose actor has the permission that the table asks for. */
export type Decider<Tag extends Command["_tag"]> = (
  state: TailnetState,
  command: CommandOf<Tag>,
  envelope: CommandEnvelope
) => Decision

/** Where an event stands in the control log. */
export interface Taken {
  readonly record: ControlRecord
  readonly lane: number
  readonly offset: number
}

export const happen = (...events: ReadonlyArray<ControlEvent>): Decision => Result.succeed(events)
export const notFound = (message: string): Decision => Result.fail(new NotFound({ message }))
export const forbidden = (message: string): Decision => Result.fail(new Forbidden({ message }))
export const invalid = (field: string, message: string): Decision => Result.fail(new Invalid({ field, message }))
export const conflict = (message: string): Decision => Result.fail(new Conflict({ message }))
