/** What a lane's part of an answer means for its followers. Pure. */
import { LogUnavailable } from "@tailrace/log"
import { grantAccess, type Reach } from "../topics/Command.ts"
import { ErrorCode, errorName, isStaleLeader } from "../wire/ErrorCode.ts"
import type { FetchedPartition } from "../wire/requests/Fetch.ts"
import type { Displacement } from "./Follower.ts"

export type Verdict =
  | { readonly kind: "records" }
  | { readonly kind: "displaced"; readonly why: Displacement }
  | { readonly kind: "failed"; readonly error: LogUnavailable }

const records: Verdict = { kind: "records" }
const moved: Verdict = { kind: "displaced", why: "moved" }
const refused: Verdict = { kind: "displaced", why: "refused" }

const failed = (reason: string): Verdict => ({ kind: "failed", error: new LogUnavailable({ reason }) })

const unauthorized = (topic: string, reach: Reach): Verdict =>
  failed(`this process may not read the topic ${topic}. Mend it: ${grantAccess(reach, "read")}`)

export const judge = ({ code, lane, topic }: FetchedPartition, reach: Reach): Verdict => {
  if (code === ErrorCode.NONE) return records
  if (code === ErrorCode.OFFSET_OUT_OF_RANGE) return refused
  if (isStaleLeader(code)) return moved
  if (code === ErrorCode.TOPIC_AUTHORIZATION_FAILED) return unauthorized(topic, reach)
  return failed(`the broker cannot read ${topic}/${lane}: ${errorName(code)}`)
}
