/**
 * Who tells the owner something: of several processes that find a notice due, the one whose `NoticeTaken` counts. A
 * decision without events says that it is not theirs to tell, or not yet.
 */
import {
  isSuspensionTold,
  noNotices,
  type NoticeKind,
  noticeLeaseMillis,
  type NoticeRecord,
  noticeRestMillis,
  type Notices
} from "../Notice.ts"
import type { DestinationId } from "../Destination.ts"
import type { TailnetState } from "../TailnetState.ts"
import { type Decider, type EventOf, happen, type Taken } from "./Decision.ts"

export const noticesOf = (state: TailnetState, destination: DestinationId): Notices =>
  state.notices.get(destination) ?? noNotices

const isTaken = ({ givenAt, takenAt, takenBy }: NoticeRecord, by: string, at: number): boolean =>
  takenAt !== null && takenBy !== by && takenAt > (givenAt ?? -Infinity) && at - takenAt < noticeLeaseMillis

/** Whether it makes sense after what was told before. */
const follows = (kind: NoticeKind, notices: Notices): boolean =>
  kind === "retention" || (kind === "recovered") === isSuspensionTold(notices)

export const takeNotice: Decider<"TakeNotice"> = (state, { by, destination, kind }, { at }) => {
  const current = state.destinations.get(destination)
  const notices = noticesOf(state, destination)
  const { givenAt } = notices[kind]
  const rests = givenAt !== null && at - givenAt < noticeRestMillis
  const isHis = current !== undefined && !current.deleted && !rests && follows(kind, notices) &&
    !isTaken(notices[kind], by, at)
  return isHis ? happen({ _tag: "NoticeTaken", destination, kind, by }) : happen()
}

export const noteNotice: Decider<"NoteNotice"> = (state, { destination, kind }) =>
  state.destinations.has(destination) ? happen({ _tag: "NoticeGiven", destination, kind }) : happen()

const changed = (
  state: TailnetState,
  { destination, kind }: EventOf<"NoticeTaken" | "NoticeGiven">,
  change: Partial<NoticeRecord>
): TailnetState => {
  const notices = noticesOf(state, destination)
  const after = { ...notices, [kind]: { ...notices[kind], ...change } }
  return { ...state, notices: new Map(state.notices).set(destination, after) }
}

export const noticeTaken = (state: TailnetState, event: EventOf<"NoticeTaken">, { record }: Taken): TailnetState =>
  changed(state, event, { takenBy: event.by, takenAt: record.at })

export const noticeGiven = (state: TailnetState, event: EventOf<"NoticeGiven">, { record }: Taken): TailnetState =>
  changed(state, event, { givenAt: record.at })
