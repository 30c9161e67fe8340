/** What an owner is told about a destination, and what of that the control log remembers. */
import { Schema } from "effect"

/**
 * `suspended`: nothing is sent until it is mended. `recovered`: it works again, told only after `suspended`.
 * `retention`: records that wait are near their loss.
 */
export const NoticeKind = Schema.Literals(["suspended", "recovered", "retention"])
export type NoticeKind = typeof NoticeKind.Type

/** One kind of notice about one destination. Times are epoch milliseconds, null: never. */
export interface NoticeRecord {
  /** Who took it last to tell it, and when. */
  readonly takenBy: string | null
  readonly takenAt: number | null
  readonly givenAt: number | null
}

export type Notices = Readonly<Record<NoticeKind, NoticeRecord>>

const never: NoticeRecord = { takenBy: null, takenAt: null, givenAt: null }

export const noNotices: Notices = { suspended: never, recovered: never, retention: never }

/** How long one who took a notice has to tell it before somebody else may. */
export const noticeLeaseMillis = 300_000

/** Notices of one kind about one destination are at least so far apart. */
export const noticeRestMillis = 3_600_000

/** The owner knows of a suspension, and not yet of its end. */
export const isSuspensionTold = ({ recovered, suspended }: Notices): boolean =>
  suspended.givenAt !== null && suspended.givenAt > (recovered.givenAt ?? -Infinity)
