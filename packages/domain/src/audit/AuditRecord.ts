/**
 * A configuration audit record in the form of Tailscale's exports to S3, and its text. What each control event says is
 * in `AuditEvents.ts`.
 */
import type { Actor, Origin } from "../Actor.ts"
import type { TailnetState } from "../TailnetState.ts"
import { controlId } from "./AuditIds.ts"
import { formatNanoTime, type NanoTime } from "./NanoTime.ts"

/** What an action was done to. `property` is there when one property of it changed. */
export interface AuditTarget {
  readonly id: string
  readonly name: string
  readonly type: "TAILNET" | "USER" | "API_KEY" | "BILLING" | "FAILED_REQUEST"
  readonly property?: string
}

/** What differs from record to record of one operation. `old` and `new` never hold a secret. */
export interface AuditDetail {
  readonly target: AuditTarget
  readonly action: "CREATE" | "UPDATE" | "DELETE" | "ENABLE" | "DISABLE" | "REVOKE" | "VERIFY"
  readonly old?: unknown
  readonly new?: unknown
  readonly actionDetails?: string
  readonly error?: string
}

/** The tailnet on both sides of one event. */
export interface Step {
  readonly before: TailnetState
  readonly after: TailnetState
}

/** The tailnet itself as a target: `S…CNTRL`, made from its id. */
export const tailnetTarget = ({ id, name }: TailnetState): AuditTarget => ({
  id: controlId("S", id),
  name,
  type: "TAILNET"
})

/** Who did it, in which operation. */
export interface AuditContext {
  readonly eventGroupID: string
  readonly origin: Origin
  readonly actor: Actor
}

export interface AuditTimes {
  /** When the log took it. */
  readonly logged: NanoTime
  /** When it was done. */
  readonly eventTime: NanoTime
}

const actorOf = ({ displayName, id, loginName, type }: Actor) => ({
  id: type === "USER" ? controlId("u", id) : id,
  type,
  loginName,
  displayName
})

/**
 * The record as one line of JSON without a newline: `logged` first, then the order of the live service's exports.
 * Absent fields are left out.
 */
export const auditLine = (context: AuditContext, times: AuditTimes, detail: AuditDetail): string =>
  JSON.stringify({
    logged: formatNanoTime(times.logged),
    eventTime: formatNanoTime(times.eventTime),
    eventGroupID: context.eventGroupID,
    origin: context.origin,
    actor: actorOf(context.actor),
    target: detail.target,
    action: detail.action,
    old: detail.old,
    new: detail.new,
    actionDetails: detail.actionDetails,
    error: detail.error
  })
