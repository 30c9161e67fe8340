/** What a leg to a receiver does next, as one pure function of what can be seen of it. Tables test it. */

export interface ReceiverView {
  readonly draining: boolean
  readonly paused: boolean
  readonly deleted: boolean
  /** A failure that was not dealt with yet. */
  readonly troubled: boolean
  /** A newer configuration version than the one adopted. */
  readonly changed: boolean
  /** Retention has overtaken the place where reading would go on. */
  readonly expired: boolean
  /** Requests, or a commit of the cursor. */
  readonly underWay: boolean
  /** Something that can be sent now. */
  readonly ready: boolean
  /** Records are at hand that are not done. */
  readonly gathered: boolean
  /** Another request may be begun. */
  readonly free: boolean
  /** The receiver is open as the newest version has it, and was probed. */
  readonly opened: boolean
  readonly live: boolean
  /** It had nothing to do for long. */
  readonly idle: boolean
}

export type ReceiverStep =
  | "drain"
  | "close"
  | "pause"
  | "fail"
  | "adopt"
  | "expire"
  | "open"
  | "send"
  | "rest"
  | "wait"

export const nextReceiverStep = (leg: ReceiverView): ReceiverStep => {
  if (leg.draining) return "drain"
  if (leg.deleted) return "close"
  if (leg.paused) return "pause"
  if (leg.troubled) return "fail"
  if (leg.changed) return leg.underWay ? "wait" : "adopt"
  if (leg.ready && leg.free) return leg.opened ? "send" : "open"
  if (leg.underWay || leg.gathered) return "wait"
  if (leg.expired) return "expire"
  return leg.live && leg.idle ? "rest" : "wait"
}
