/** A tailnet's beginning and its plan. A plan that no longer includes a feature switches that feature off, visibly. */
import { Result } from "effect"
import type { CommandEnvelope } from "../Command.ts"
import type { ControlEvent } from "../ControlEvent.ts"
import { includes, type Plan, streamingOf } from "../Plan.ts"
import { Forbidden } from "../Refusal.ts"
import type { TailnetState } from "../TailnetState.ts"
import { isSystem } from "./Authority.ts"
import { type CommandOf, conflict, type Decider, type Decision, type EventOf, happen, invalid } from "./Decision.ts"
import { isHash } from "./Keys.ts"
import { defaultSettings } from "./TailnetSettings.ts"
import type { Taken } from "./Decision.ts"

/** Only the system makes tailnets: no member of another one could be asked for a permission. */
export const createTailnet = (
  state: TailnetState | undefined,
  { apiKey, owner, plan, tailnetId }: CommandOf<"CreateTailnet">,
  { actor, at, tailnet }: CommandEnvelope
): Decision => {
  if (!isSystem(actor)) return Result.fail(new Forbidden({ message: "only the operator may create tailnets" }))
  if (state !== undefined) return conflict(`tailnet ${tailnet} exists already`)
  if (tailnetId === "") return invalid("tailnetId", "must not be empty")
  if (owner.userId === "") return invalid("owner.userId", "must not be empty")
  if (owner.role !== "owner") return invalid("owner.role", "must be owner")
  if (!isHash(apiKey.hash)) return invalid("apiKey.hash", "must be 64 hex digits")
  if (apiKey.expiresAt <= at) return invalid("apiKey.expiresAt", "must lie in the future")
  return happen(
    { _tag: "TailnetCreated", tailnetId, plan },
    { _tag: "MemberAdded", ...owner },
    { _tag: "ApiKeyCreated", ...apiKey, userId: owner.userId }
  )
}

/** What stops with a plan: flow logs, and destinations of a log type that it does not stream (paused, so kept). */
const stopped = (state: TailnetState, plan: Plan): ReadonlyArray<ControlEvent> => {
  const flowLogsEnd = state.settings.networkFlowLoggingOn && !includes(plan, "flow-logs")
  const paused = [...state.destinations.values()].filter((it) =>
    !it.deleted && !it.paused && !includes(plan, streamingOf[it.logType])
  )
  return [
    ...(flowLogsEnd
      ? [{ _tag: "SettingsChanged" as const, settings: { ...state.settings, networkFlowLoggingOn: false } }]
      : []),
    ...paused.map(({ id }) => ({ _tag: "DestinationPaused" as const, destination: id }))
  ]
}

export const changePlan: Decider<"ChangePlan"> = (state, { plan }) =>
  plan === state.plan ? happen() : happen({ _tag: "PlanChanged", plan }, ...stopped(state, plan))

export const tailnetCreated = ({ plan, tailnetId }: EventOf<"TailnetCreated">, { record }: Taken): TailnetState => ({
  name: record.tailnet,
  id: tailnetId,
  version: 0,
  plan,
  settings: defaultSettings,
  members: new Map(),
  apiKeys: new Map(),
  ingestTokens: new Map(),
  externalIds: new Map(),
  notices: new Map(),
  destinations: new Map()
})

export const planChanged = (state: TailnetState, { plan }: EventOf<"PlanChanged">): TailnetState => ({ ...state, plan })
