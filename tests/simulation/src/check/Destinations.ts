/** The destinations as the control log made them: the checker's own fold of it, which shares only the schemas. */
import {
  ControlEvent,
  ControlRecord,
  type DestinationVersion,
  isStore,
  type LogType,
  type Start
} from "@tailrace/domain"
import { Option, Schema } from "effect"
import { textOf } from "../world/History.ts"
import type { World } from "../world/World.ts"

export interface Known {
  readonly id: string
  readonly tailnet: string
  readonly logType: LogType
  readonly start: Start
  readonly versions: Array<DestinationVersion>
  /** Its kind, which never changes. */
  readonly isStore: boolean
  /** Simulation time of its creation, in milliseconds. */
  readonly createdAt: number
  deleted: boolean
  paused: boolean
}

export interface Destinations {
  readonly all: ReadonlyMap<string, Known>
  readonly tailnets: ReadonlySet<string>
}

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(ControlRecord))

const apply = (all: Map<string, Known>, event: ControlEvent, origin: { tailnet: string; at: number }): void => {
  if (event._tag === "DestinationCreated") {
    const { destination: id, logType, start, version } = event
    const { at: createdAt, tailnet } = origin
    const known = { id, tailnet, logType, start, versions: [version], createdAt, isStore: isStore(version.config) }
    all.set(id, { ...known, deleted: false, paused: false })
    return
  }
  const known = "destination" in event ? all.get(event.destination) : undefined
  if (known === undefined) return
  if (event._tag === "DestinationUpdated") known.versions.push(event.version)
  else if (event._tag === "DestinationDeleted") known.deleted = true
  else if (event._tag === "DestinationPaused") known.paused = true
  else if (event._tag === "DestinationResumed") known.paused = false
}

export const foldControl = (world: World): Destinations => {
  const all = new Map<string, Known>()
  const versions = new Map<string, number>()
  const commands = new Set<string>()
  for (let lane = 0; lane < world.lanes; lane++) {
    for (const { at, value } of world.history.records("control", lane)) {
      const decoded = decode(textOf(value))
      if (Option.isNone(decoded)) continue
      const { commandId, events, expectedVersion, tailnet } = decoded.value
      const command = `${tailnet} ${commandId}`
      if (expectedVersion !== (versions.get(tailnet) ?? 0) || commands.has(command)) continue
      versions.set(tailnet, expectedVersion + 1)
      commands.add(command)
      for (const event of events) apply(all, event, { tailnet, at })
    }
  }
  return { all, tailnets: new Set(versions.keys()) }
}

/** A destination and the ones that it has replaced, the oldest first. */
export const chainOf = (destinations: Destinations, last: Known): ReadonlyArray<Known> => {
  const { start } = last
  const before = start._tag === "Replaces" ? destinations.all.get(start.destination) : undefined
  return before === undefined ? [last] : [...chainOf(destinations, before), last]
}

/** Destinations that no other one replaces. */
export const latest = ({ all }: Destinations): ReadonlyArray<Known> => {
  const replaced = new Set<string>()
  for (const { start } of all.values()) if (start._tag === "Replaces") replaced.add(start.destination)
  return [...all.values()].filter(({ id }) => !replaced.has(id))
}
