/** What the audit log says of each event of a destination: changes of the tailnet's property `LOGSTREAM_ENDPOINT`. */
import type { Destination } from "../Destination.ts"
import type { DestinationEvent } from "../tailnet/DestinationEvents.ts"
import type { TailnetState } from "../TailnetState.ts"
import { changedFields, endpointView, whichDestination } from "./AuditEndpoint.ts"
import { type AuditDetail, type Step, tailnetTarget } from "./AuditRecord.ts"

/** Old and new value of the stream property of a tailnet: what a destination was and is. */
const endpointDetail = (
  state: TailnetState,
  destination: Destination,
  detail: Omit<AuditDetail, "target">
): AuditDetail => {
  const details = [detail.actionDetails, whichDestination(destination)].filter((it) => it !== undefined).join("; ")
  const target = { ...tailnetTarget(state), property: "LOGSTREAM_ENDPOINT" }
  return { target, ...detail, ...(details === "" ? {} : { actionDetails: details }) }
}

const view = (destination: Destination, state?: "active" | "paused") => {
  const version = destination.versions.at(-1)
  if (version === undefined) return undefined
  return { ...endpointView(destination.logType, version), ...(state === undefined ? {} : { state }) }
}

const updateDetail = (state: TailnetState, before: Destination, after: Destination): AuditDetail => {
  const [old, next] = [before.versions.at(-1), after.versions.at(-1)]
  const actionDetails = old === undefined || next === undefined ? "" : changedFields(old, next)
  return endpointDetail(state, after, { action: "UPDATE", old: view(before), new: view(after), actionDetails })
}

const pauseDetail = (state: TailnetState, destination: Destination, paused: boolean): AuditDetail =>
  endpointDetail(state, destination, {
    action: "UPDATE",
    old: view(destination, paused ? "active" : "paused"),
    new: view(destination, paused ? "paused" : "active")
  })

export const destinationDetails = (
  { after: state, before }: Step,
  event: DestinationEvent
): ReadonlyArray<AuditDetail> => {
  const after = state.destinations.get(event.destination)
  if (after === undefined) return []
  switch (event._tag) {
    case "DestinationCreated":
      return [endpointDetail(state, after, { action: "CREATE", new: view(after) })]
    case "DestinationUpdated":
      return [updateDetail(state, before.destinations.get(event.destination) ?? after, after)]
    case "DestinationPaused":
      return [pauseDetail(state, after, true)]
    case "DestinationResumed":
      return [pauseDetail(state, after, false)]
    case "DestinationTestRequested":
      return [endpointDetail(state, after, { action: "VERIFY", new: view(after) })]
    case "DestinationDeleted":
      return [endpointDetail(state, after, { action: "DELETE", old: view(after) })]
  }
}
