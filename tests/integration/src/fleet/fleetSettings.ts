/** The fleet as its operator set it up: one cluster, and five processes with a port and a folder each. */
import { Effect } from "effect"
import path from "node:path"
import { clusterSettings } from "../app/Apps.ts"
import type { Settings } from "../app/Tailrace.ts"
import type { KafkaSite } from "../kafka/KafkaSite.ts"
import { freePort, memoryBytes } from "../kill/Site.ts"
import { type App, makeSeat } from "./Seat.ts"

export const lanes = 4

export interface FleetPlace {
  readonly kafka: KafkaSite
  /** Of the topics. */
  readonly prefix: string
  /** Each process has a folder in it. */
  readonly folder: string
}

const settingsOf = ({ folder, kafka, prefix }: FleetPlace, name: string, port: number): Settings => ({
  ...clusterSettings(kafka, prefix),
  TAILRACE_LANES: `${lanes}`,
  TAILRACE_LISTEN: `127.0.0.1:${port}`,
  TAILRACE_DATA: path.join(folder, name),
  TAILRACE_MEMORY: `${memoryBytes / 1_000_000} MB`
})

const seatAt = (place: FleetPlace) =>
  Effect.fnUntraced(function*(app: App, number: number) {
    return makeSeat(app, settingsOf(place, `${app}-${number}`, yield* freePort))
  })

/** Nobody sits yet. `guest`: a worker that comes for a while. */
export const makeFleet = Effect.fnUntraced(function*(place: FleetPlace) {
  const seat = seatAt(place)
  return {
    control: yield* seat("control", 1),
    ingests: [yield* seat("ingest", 1), yield* seat("ingest", 2)],
    workers: [yield* seat("delivery", 1), yield* seat("delivery", 2)],
    guest: yield* seat("delivery", 3)
  }
})

export type Fleet = Effect.Success<ReturnType<typeof makeFleet>>
