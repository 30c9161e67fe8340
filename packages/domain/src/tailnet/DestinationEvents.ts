/** How the events of destinations change a tailnet. */
import type { ControlEvent } from "../ControlEvent.ts"
import type { Destination, DestinationId } from "../Destination.ts"
import type { TailnetState } from "../TailnetState.ts"
import type { EventOf, Taken } from "./Decision.ts"

const withDestination = (
  state: TailnetState,
  id: DestinationId,
  change: (destination: Destination) => Destination
): TailnetState => {
  const before = state.destinations.get(id)
  if (before === undefined) return state
  return { ...state, destinations: new Map(state.destinations).set(id, change(before)) }
}

const created = (
  state: TailnetState,
  { destination: id, logType, name, slot, start, version }: EventOf<"DestinationCreated">,
  { lane, offset, record }: Taken
): TailnetState => {
  const destination: Destination = {
    id,
    tailnet: state.name,
    logType,
    slot,
    name,
    versions: [version],
    start,
    paused: false,
    deleted: false,
    testRequested: null,
    createdAt: { lane, offset },
    createdMillis: record.at
  }
  return { ...state, destinations: new Map(state.destinations).set(id, destination) }
}

/** Events that change the destination itself. */
export type DestinationEvent = Extract<ControlEvent, { readonly _tag: `Destination${string}` }>

export const evolveDestination = (state: TailnetState, event: DestinationEvent, taken: Taken): TailnetState => {
  const change = (to: (before: Destination) => Partial<Destination>) =>
    withDestination(state, event.destination, (before) => ({ ...before, ...to(before) }))
  switch (event._tag) {
    case "DestinationCreated":
      return created(state, event, taken)
    case "DestinationUpdated":
      return change(({ versions }) => ({ versions: [...versions, event.version] }))
    case "DestinationPaused":
      return change(() => ({ paused: true }))
    case "DestinationResumed":
      return change(() => ({ paused: false }))
    case "DestinationTestRequested":
      return change(() => ({ testRequested: event.test }))
    case "DestinationDeleted":
      return change(() => ({ deleted: true }))
  }
}
