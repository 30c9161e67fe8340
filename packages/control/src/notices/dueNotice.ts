/** Which notices about a destination are due: a pure function of how it is, what was told before, and the time. */
import { isSuspensionTold, type NoticeKind, type NoticeRecord, noticeRestMillis, type Notices } from "@tailrace/domain"

/** A destination as its owner would want to know of it. Times are epoch milliseconds. */
export interface Health {
  readonly paused: boolean
  /** The leg that is suspended the longest; null: none is. */
  readonly suspendedSince: number | null
  /** Since when this process sees no leg suspended; null: not known, or one is. */
  readonly wellSince: number | null
  /** Share of the retention that is left to the oldest record that waits; null: none is near its loss. */
  readonly retentionLeft: number | null
}

/** What heals within this time is no news; neither is what breaks again within it. */
export const settlingMillis = 60_000

/** Below this share of the retention its end is told. */
export const leastRetentionLeft = 0.2

/** How often the end of retention is told as long as it is near. */
export const retentionReminderMillis = 86_400_000

const isOver = (since: number | null, millis: number, now: number): boolean => since === null || now - since >= millis

const hasLasted = (since: number | null, now: number): boolean => since !== null && now - since >= settlingMillis

const mayBeTold = ({ givenAt }: NoticeRecord, now: number): boolean => isOver(givenAt, noticeRestMillis, now)

export const dueNotices = (health: Health, told: Notices, now: number): ReadonlyArray<NoticeKind> => {
  const { paused, retentionLeft, suspendedSince, wellSince } = health
  const knows = isSuspensionTold(told)
  const due: Readonly<Record<NoticeKind, boolean>> = {
    suspended: !paused && !knows && hasLasted(suspendedSince, now),
    recovered: !paused && knows && suspendedSince === null && hasLasted(wellSince, now),
    retention: retentionLeft !== null && retentionLeft < leastRetentionLeft &&
      isOver(told.retention.givenAt, retentionReminderMillis, now)
  }
  return (["suspended", "recovered", "retention"] as const).filter((kind) => due[kind] && mayBeTold(told[kind], now))
}
