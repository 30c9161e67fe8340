/** A notice to an owner: the body that a webhook gets, and what its mail says. Pure. */
import type { DestinationStatus } from "@tailrace/api"
import { type Destination, type NoticeKind, Tailnet, type TailnetState } from "@tailrace/domain"
import { createHash } from "node:crypto"
import { rfc3339, rfc3339OrNull } from "../Time.ts"

/** Version 1 of a webhook's body. Times are RFC 3339. */
export interface Notice {
  readonly version: 1
  /** The same whenever this notice is sent: who gets it twice can tell. */
  readonly id: string
  readonly kind: NoticeKind
  readonly time: string
  readonly tailnet: string
  readonly destination: {
    readonly id: string
    readonly name: string
    readonly type: string
    readonly logType: string
  }
  /** What happened, in one sentence. */
  readonly message: string
  /** What to do about it. */
  readonly advice: string
  readonly since: string | null
  /** The destination's own words, cut; empty where nothing failed lately. */
  readonly lastError: string
  readonly nextProbe: string | null
  readonly pending: {
    readonly records: number
    /** False: estimated. */
    readonly isExact: boolean
    readonly oldestSeconds: number
    /** Until the oldest of them is lost to retention; null: nothing waits. */
    readonly secondsUntilLoss: number | null
  }
}

/** What a notice is made of. Times are epoch milliseconds. */
export interface NoticeFacts {
  readonly kind: NoticeKind
  readonly tailnet: TailnetState
  readonly destination: Destination
  readonly status: DestinationStatus
  readonly now: number
  readonly since: number | null
  /** What tells this notice from an earlier one of its kind. */
  readonly occasion: number
}

const maxErrorLength = 500

/** One line without control characters. */
const line = (text: string, most: number): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim().slice(0, most)

const noticeId = ({ destination, kind, occasion }: NoticeFacts): string =>
  createHash("sha256").update(`${destination.id}/${kind}/${occasion}`).digest("hex").slice(0, 32)

/** `3 days`, `5 hours`, `12 minutes`. */
export const span = (seconds: number): string => {
  const [size, unit] = seconds >= 172_800 ? [86_400, "day"] : seconds >= 7200 ? [3600, "hour"] : [60, "minute"]
  const whole = Math.floor(seconds / size)
  return `${whole} ${unit}${whole === 1 ? "" : "s"}`
}

const lossOf = ({ secondsUntilLoss }: DestinationStatus): string =>
  secondsUntilLoss === null ? "" : ` The oldest record that waits is lost in ${span(secondsUntilLoss)}.`

const messages: Readonly<Record<NoticeKind, (name: string, status: DestinationStatus) => string>> = {
  suspended: (name, status) => `${name} is suspended: nothing is sent to it, and nothing is lost yet.${lossOf(status)}`,
  recovered: (name) => `${name} is no longer suspended: what waited is being sent.`,
  retention: (name, status) => `${name} is so far behind that records will be lost.${lossOf(status)}`
}

const advices: Readonly<Record<NoticeKind, (id: string) => string>> = {
  suspended: (id) =>
    "Mend what the last error names: the credential, its rights, the address. It is tried again by itself, and goes " +
    `on where it stopped; \`tailrace destination test ${id}\` tries it at once.`,
  recovered: (id) => `Nothing. \`tailrace destination show ${id}\` shows how much still waits.`,
  retention: (id) =>
    `See with \`tailrace destination show ${id}\` what holds it up. A paused destination keeps nothing for longer: ` +
    "resume it, or delete it if its records are not wanted."
}

export const noticeOf = (facts: NoticeFacts): Notice => {
  const { destination, kind, now, since, status, tailnet } = facts
  const name = line(destination.name, 100)
  return {
    version: 1,
    id: noticeId(facts),
    kind,
    time: rfc3339(now),
    tailnet: tailnet.name,
    destination: {
      id: destination.id,
      name,
      type: Tailnet.currentVersion(destination)?.config._tag ?? "",
      logType: destination.logType
    },
    message: messages[kind](name, status),
    advice: advices[kind](destination.id),
    since: rfc3339OrNull(since),
    lastError: line(status.lastError, maxErrorLength),
    nextProbe: status.nextProbe,
    pending: {
      records: status.lagRecords,
      isExact: status.lagIsExact,
      oldestSeconds: Math.round(status.lagSeconds),
      secondsUntilLoss: status.secondsUntilLoss === null ? null : Math.floor(status.secondsUntilLoss)
    }
  }
}

const subjects: Readonly<Record<NoticeKind, string>> = {
  suspended: "is suspended",
  recovered: "works again",
  retention: "is about to lose records"
}

const pendingLine = ({ pending }: Notice): string => {
  const { isExact, oldestSeconds, records } = pending
  if (records === 0) return "nothing"
  return `${isExact ? "" : "about "}${records} ${records === 1 ? "record" : "records"}, the oldest ${
    span(oldestSeconds)
  } old`
}

export interface MailText {
  readonly subject: string
  readonly text: string
}

/** Plain text only: names and errors come from outside. */
export const mailOf = (notice: Notice): MailText => {
  const { destination, lastError, nextProbe, pending, since, tailnet } = notice
  const facts = [
    ["Tailnet", tailnet],
    ["Destination", `${destination.name} (${destination.id}, ${destination.type}, ${destination.logType} logs)`],
    ["Since", since],
    ["Last error", lastError],
    ["Waiting", pendingLine(notice)],
    ["Lost in", pending.secondsUntilLoss === null ? null : span(pending.secondsUntilLoss)],
    ["Tried again", nextProbe]
  ].flatMap(([name, value]) => value === null || value === "" ? [] : [`${`${name}:`.padEnd(13)}${value}`])
  return {
    subject: `[Tailrace] ${tailnet}: ${destination.name} ${subjects[notice.kind]}`,
    text: [notice.message, "", ...facts, "", notice.advice, ""].join("\n")
  }
}
