/** What the cluster really guarantees, for people: what the loss of one broker means, topic by topic. Pure. */
import type { Topic } from "@tailrace/log"
import type { Found, FoundTopic } from "./Judge.ts"

const onOne = "the loss of its broker's disk loses them; while that broker is down nothing is read or written; " +
  "a power failure may lose the last moments"

const onSeveral = (inSync: number, replicas: number): string => {
  const stops = inSync >= replicas ? "stops writing until it is back" : "stops nothing"
  const loses = inSync > 1 ? "loses nothing that was acknowledged" : "may lose what no other broker had yet"
  return `the loss of one broker ${loses} and ${stops}`
}

const sentence = ({ replicationFactor, settings }: FoundTopic): string => {
  const inSync = Number(settings["min.insync.replicas"] ?? "1")
  const isUnclean = settings["unclean.leader.election.enable"] === "true"
  const meaning = replicationFactor < 2 ? onOne : onSeveral(inSync, replicationFactor)
  const unclean = "; a broker that lacks acknowledged records may come to lead (unclean.leader.election.enable)"
  const replicas = replicationFactor < 2 ? "one broker" : `${replicationFactor} brokers`
  return `records are on ${replicas}, acknowledged by at least ${inSync}: ${meaning}${isUnclean ? unclean : ""}`
}

/** One line for all topics of which the same is true. */
export const guaranteesOf = (found: Found): ReadonlyArray<string> => {
  const same = Map.groupBy(found, ([, topic]) => sentence(topic))
  const names = (group: ReadonlyArray<readonly [Topic, FoundTopic]>) =>
    same.size === 1 ? "all topics" : group.map(([topic]) => topic).join(", ")
  return [...same].map(([line, group]) => `${names(group)}: ${line}`)
}
