/**
 * How a topic's setting is judged: what would lose records or break the port is refused, what only weakens it is
 * complained of. Pure tables; `judge` in `Judge.ts` applies them.
 */
import type { Topic } from "@tailrace/log"
import type { Settings } from "./TopicSettings.ts"

export type Severity = "fine" | "complain" | "refuse"

export interface Judged {
  readonly topic: Topic
  readonly value: string
  readonly wanted: string
  readonly replicationFactor: number
}

export interface Rule {
  readonly setting: string
  readonly judge: (judged: Judged) => Severity
  /** What comes of it otherwise: ends the sentence "x is y and must be z: …". */
  readonly because: string
}

/** −1 is for ever, or without bound. */
const amount = (value: string): number => value === "-1" ? Infinity : Number(value)

const isSame = ({ value, wanted }: Judged): boolean => value === wanted
const isAtLeast = ({ value, wanted }: Judged): boolean => amount(value) >= amount(wanted)
const isAtMost = ({ value, wanted }: Judged): boolean => amount(value) <= amount(wanted)

const unless = (isFine: (judged: Judged) => boolean, otherwise: Severity) => (judged: Judged): Severity =>
  isFine(judged) ? "fine" : otherwise

/** The control log is kept for ever: all state is folded from it. Elsewhere the time that is left is shown. */
const kept = (judged: Judged): Severity => unless(isAtLeast, judged.topic === "control" ? "refuse" : "complain")(judged)

const replicasInSync = (judged: Judged): Severity =>
  Number(judged.value) > judged.replicationFactor ? "refuse" : unless(isAtLeast, "complain")(judged)

export const rules: ReadonlyArray<Rule> = [
  { setting: "cleanup.policy", judge: unless(isSame, "refuse"), because: "records would be lost" },
  {
    setting: "message.timestamp.type",
    judge: unless(isSame, "refuse"),
    because: "retention would go by times that producers made up"
  },
  { setting: "max.message.bytes", judge: unless(isAtLeast, "refuse"), because: "records of 1 MiB would be refused" },
  { setting: "retention.ms", judge: kept, because: "records are kept for a shorter time" },
  { setting: "retention.bytes", judge: kept, because: "how long records are kept depends on their size" },
  {
    setting: "min.insync.replicas",
    judge: replicasInSync,
    because: "with more than there are replicas nothing can be written, with fewer one broker's loss may lose records"
  },
  {
    setting: "unclean.leader.election.enable",
    judge: unless(isSame, "complain"),
    because: "after failures a broker that lacks acknowledged records may lead"
  },
  { setting: "segment.ms", judge: unless(isAtMost, "complain"), because: "compaction comes late, starts take longer" },
  {
    setting: "max.compaction.lag.ms",
    judge: unless(isAtMost, "complain"),
    because: "destroyed secrets stay on the brokers' disks for longer"
  },
  {
    setting: "min.compaction.lag.ms",
    judge: unless(isAtMost, "complain"),
    because: "destroyed secrets stay on the brokers' disks for longer"
  }
]

/** In milliseconds, as the cluster really keeps it; `Infinity`: for ever, or compacted. */
export const retentionOf = (settings: Settings): number =>
  settings["cleanup.policy"] === "compact" ? Infinity : amount(settings["retention.ms"] ?? "-1")
