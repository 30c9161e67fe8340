/**
 * What each topic must be, by the names that Kafka gives its settings: used to make topics, and to judge those that are
 * there. What a setting is for stands in `Rule.ts`.
 */
import { defaultRetentionMillis, type Topic } from "@tailrace/log"

export type Settings = Readonly<Record<string, string>>

/** Compaction leaves the segment alone that is written to, so it must not grow old. */
const compactedSegmentMillis = 3_600_000
/** A secret's bytes are gone from the brokers' disks about this long after its tombstone. */
const secretLagMillis = 3_600_000
/** The largest record of 1 MiB in its batch, and whatever a foreign producer packs into one. */
const maxBatchBytes = 2_097_152
/** A quarantined record is the refused one with its reasons. */
const quarantineExtraBytes = 65_536

const deleted = (topic: Topic): Settings => ({
  "cleanup.policy": "delete",
  "retention.ms": Number.isFinite(defaultRetentionMillis[topic]) ? `${defaultRetentionMillis[topic]}` : "-1",
  "retention.bytes": "-1"
})

const compacted: Settings = { "cleanup.policy": "compact", "segment.ms": `${compactedSegmentMillis}` }

const kept: Readonly<Record<Topic, Settings>> = {
  audit: deleted("audit"),
  flow: deleted("flow"),
  control: deleted("control"),
  ledger: deleted("ledger"),
  positions: compacted,
  quarantine: { ...deleted("quarantine"), "max.message.bytes": `${maxBatchBytes + quarantineExtraBytes}` },
  secrets: { ...compacted, "min.compaction.lag.ms": "0", "max.compaction.lag.ms": `${secretLagMillis}` }
}

/** With three replicas the loss of one neither loses nor stops anything; with fewer, no second one is waited for. */
const inSync = (replicationFactor: number): number => replicationFactor >= 3 ? 2 : 1

/** Settings of the topic when each record lies on `replicationFactor` brokers. */
export const settingsOf = (topic: Topic, replicationFactor: number): Settings => ({
  "message.timestamp.type": "LogAppendTime",
  "max.message.bytes": `${maxBatchBytes}`,
  "min.insync.replicas": `${inSync(replicationFactor)}`,
  "unclean.leader.election.enable": "false",
  ...kept[topic]
})

/** All settings that some topic names. */
export const settingNames: ReadonlyArray<string> = [
  ...new Set(Object.values(kept).concat(settingsOf("audit", 1)).flatMap((settings) => Object.keys(settings)))
]
