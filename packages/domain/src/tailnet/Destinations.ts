/**
 * Destinations: ids are never used again, one live destination in the fixed slot of each log type, versions rise by
 * one. Deleted ones stay as tombstones that no command can reach.
 */
import { Equal, Result } from "effect"
import type { CommandEnvelope } from "../Command.ts"
import type { ControlEvent } from "../ControlEvent.ts"
import type { DestinationConfig } from "../config/index.ts"
import type { Destination, DestinationId, DestinationVersion, Start, Upload } from "../Destination.ts"
import type { LogType } from "../LogType.ts"
import { includes, streamingOf } from "../Plan.ts"
import type { Rules } from "../rules/Rules.ts"
import type { TailnetState } from "../TailnetState.ts"
import { useRole } from "./ExternalIds.ts"
import { conflict, type Decider, type Decision, forbidden, happen, invalid, notFound } from "./Decision.ts"

/** Live destinations that a tailnet may have at once. */
export const maxDestinations = 10_000

/** What a command says about one version; `by` and `at` come from its envelope. */
export interface Wanted {
  readonly config: DestinationConfig
  readonly upload: Upload
  readonly rules?: Rules
  readonly secretVersion: string
}

/** The live destination of that id. */
export const liveDestination = (state: TailnetState, id: DestinationId): Destination | undefined => {
  const found = state.destinations.get(id)
  return found?.deleted === false ? found : undefined
}

/** The live destination in the fixed slot of the log type: the one that `…/stream` addresses. */
export const streamOf = (state: TailnetState, logType: LogType): Destination | undefined =>
  [...state.destinations.values()].find((it) => it.slot === "stream" && it.logType === logType && !it.deleted)

/** The version in force: the newest. */
export const currentVersion = ({ versions }: Destination): DestinationVersion | undefined => versions.at(-1)

const noSuchDestination = (id: string) => notFound(`destination ${id} not found`)

const planRefuses = (state: TailnetState, logType: LogType): Decision | undefined =>
  includes(state.plan, streamingOf[logType])
    ? undefined
    : forbidden(`the plan ${state.plan} does not include streaming of ${logType} logs`)

const wrongUpload = ({ periodMinutes, periodSeconds }: Upload): Decision | undefined => {
  if (!Number.isInteger(periodSeconds) || periodSeconds < 5 || periodSeconds > 86_400) {
    return invalid("uploadPeriodSeconds", "must be a whole number from 5 to 86400")
  }
  if (!Number.isInteger(periodMinutes) || periodMinutes < 0 || periodMinutes > 1440) {
    return invalid("uploadPeriodMinutes", "must be a whole number from 0 to 1440")
  }
  return undefined
}

const wrongStart = (state: TailnetState, logType: LogType, start: Start): Decision | undefined => {
  if (start._tag === "At") {
    const isPosition = start.offsets.length > 0 && start.offsets.every((it) => Number.isInteger(it) && it >= 0)
    return isPosition ? undefined : invalid("startAt", "must be one offset, 0 or more, for each lane")
  }
  const replaced = liveDestination(state, start.destination)
  if (replaced === undefined) return noSuchDestination(start.destination)
  return replaced.logType === logType ? undefined : invalid("startAt", `${replaced.id} is not of log type ${logType}`)
}

const wrongNewcomer = (state: TailnetState, id: DestinationId): Decision | undefined => {
  if (state.destinations.has(id)) return conflict(`destination ${id} exists already`)
  let live = 0
  for (const destination of state.destinations.values()) live += destination.deleted ? 0 : 1
  return live < maxDestinations ? undefined : conflict(`a tailnet may have ${maxDestinations} destinations at most`)
}

const versionOf = (number: number, wanted: Wanted, { actor, at }: CommandEnvelope): DestinationVersion => ({
  version: number,
  config: wanted.config,
  upload: wanted.upload,
  ...(wanted.rules === undefined ? {} : { rules: wanted.rules }),
  secretVersion: wanted.secretVersion,
  by: actor,
  at
})

/** With `Replaces`, the old one ends in the same record and its slot passes on: the new one goes on from there. */
export const createDestination: Decider<"CreateDestination"> = (state, command, envelope) => {
  const { destination, logType, name, start } = command
  const wrong = planRefuses(state, logType) ?? wrongNewcomer(state, destination) ?? wrongUpload(command.upload) ??
    wrongStart(state, logType, start)
  if (wrong !== undefined) return wrong
  if (name === "" || name.length > 100) return invalid("name", "must have 1 to 100 characters")
  const replaced = start._tag === "Replaces" ? liveDestination(state, start.destination) : undefined
  const taken = [...state.destinations.values()].some((it) => !it.deleted && it !== replaced && it.name === name)
  if (taken) return conflict(`a destination with the name ${name} exists already`)
  const slot = replaced?.slot ?? null
  const version = versionOf(1, command, envelope)
  return Result.map(useRole(state, command.config), (links) => [
    ...links,
    ...(replaced === undefined ? [] : [{ _tag: "DestinationDeleted" as const, destination: replaced.id }]),
    { _tag: "DestinationCreated", destination, logType, slot, name, start, version }
  ])
}

const contentOf = ({ config, rules, secretVersion, upload }: Wanted) => [config, upload, rules, secretVersion]

/** A new version, or nothing if it would be equal to the one in force. */
const updated = (current: Destination, wanted: Wanted, envelope: CommandEnvelope): ReadonlyArray<ControlEvent> => {
  const before = currentVersion(current)
  const version = versionOf((before?.version ?? 0) + 1, wanted, envelope)
  const isSame = before !== undefined && Equal.equals(contentOf(before), contentOf(version))
  return isSame ? [] : [{ _tag: "DestinationUpdated", destination: current.id, version }]
}

export const updateDestination: Decider<"UpdateDestination"> = (state, command, envelope) => {
  const current = liveDestination(state, command.destination)
  if (current === undefined) return noSuchDestination(command.destination)
  const wrong = planRefuses(state, current.logType) ?? wrongUpload(command.upload)
  if (wrong !== undefined) return wrong
  const before = currentVersion(current)
  if (before !== undefined && !isSameType(before.config, command.config)) {
    return invalid("destinationType", "cannot be changed; create a destination that replaces this one")
  }
  return Result.map(useRole(state, command.config, before?.config), (links) => [
    ...links,
    ...updated(current, command, envelope)
  ])
}

const isSameType = (one: DestinationConfig, other: DestinationConfig): boolean => one._tag === other._tag

/** What `putStream` needs to know besides the slot's occupant. */
export interface StreamPut {
  readonly wanted: Wanted
  readonly logType: LogType
  readonly newDestination: DestinationId
  readonly start: Start
  readonly envelope: CommandEnvelope
  /** Whether the new configuration is an edit of the old one; otherwise it replaces it. */
  readonly isEdit: boolean
}

/** Creates, edits or replaces what is in the slot. Pure: a replacement can be driven with one type of destination. */
export const putIntoSlot = (occupant: Destination | undefined, put: StreamPut): ReadonlyArray<ControlEvent> => {
  const { envelope, logType, newDestination, wanted } = put
  if (occupant !== undefined && put.isEdit) return updated(occupant, wanted, envelope)
  const create = (start: Start): ControlEvent => ({
    _tag: "DestinationCreated",
    destination: newDestination,
    logType,
    slot: "stream",
    name: `${logType} stream`,
    start,
    version: versionOf(1, wanted, envelope)
  })
  if (occupant === undefined) return [create(put.start)]
  const start: Start = { _tag: "Replaces", destination: occupant.id }
  return [{ _tag: "DestinationDeleted", destination: occupant.id }, create(start)]
}

export const putStream: Decider<"PutStream"> = (state, command, envelope) => {
  const { logType, newDestination, start } = command
  const occupant = streamOf(state, logType)
  const before = occupant === undefined ? undefined : currentVersion(occupant)
  const isEdit = before !== undefined && isSameType(before.config, command.config)
  const wrong = planRefuses(state, logType) ?? wrongUpload(command.upload) ??
    (isEdit ? undefined : wrongNewcomer(state, newDestination)) ??
    (occupant === undefined ? wrongStart(state, logType, start) : undefined)
  if (wrong !== undefined) return wrong
  const put = { wanted: command, logType, newDestination, start, envelope, isEdit }
  return Result.map(useRole(state, command.config, isEdit ? before.config : undefined), (links) => [
    ...links,
    ...putIntoSlot(occupant, put)
  ])
}

export const deleteDestination: Decider<"DeleteDestination"> = (state, { destination }) =>
  liveDestination(state, destination) === undefined
    ? noSuchDestination(destination)
    : happen({ _tag: "DestinationDeleted", destination })

export const deleteStream: Decider<"DeleteStream"> = (state, { logType }) => {
  const occupant = streamOf(state, logType)
  if (occupant === undefined) return notFound(`no stream of ${logType} logs is configured`)
  return happen({ _tag: "DestinationDeleted", destination: occupant.id })
}

export const pauseDestination: Decider<"PauseDestination"> = (state, { destination }) => {
  const current = liveDestination(state, destination)
  if (current === undefined) return noSuchDestination(destination)
  return current.paused ? happen() : happen({ _tag: "DestinationPaused", destination })
}

export const resumeDestination: Decider<"ResumeDestination"> = (state, { destination }) => {
  const current = liveDestination(state, destination)
  if (current === undefined) return noSuchDestination(destination)
  if (!current.paused) return happen()
  return planRefuses(state, current.logType) ?? happen({ _tag: "DestinationResumed", destination })
}

export const testDestination: Decider<"TestDestination"> = (state, { destination, test }) => {
  const current = liveDestination(state, destination)
  if (current === undefined) return noSuchDestination(destination)
  if (current.testRequested === test) return happen()
  return planRefuses(state, current.logType) ?? happen({ _tag: "DestinationTestRequested", destination, test })
}
