/** Commands that mend a cluster, to be copied into a shell: Kafka's own tools, by the names of its distribution. */
import type { KafkaOptions } from "../KafkaOptions.ts"

/** Where the tools connect to, and whether they must prove who they are. */
export type Reach = Pick<KafkaOptions, "brokers" | "sasl" | "tls" | "prefix">

const tool = (name: string, { brokers, sasl, tls }: Reach, ...rest: ReadonlyArray<string>): string => {
  const isOpen = sasl === undefined && tls === undefined
  const credentials = isOpen ? [] : ["--command-config client.properties"]
  return [`${name}.sh --bootstrap-server ${brokers[0] ?? "localhost:9092"}`, ...credentials, ...rest].join(" ")
}

/** Sets settings of a topic, each as `name=value`. */
export const alterSettings = (reach: Reach, topic: string, settings: ReadonlyArray<string>): string => {
  const added = settings.join(",")
  return tool("kafka-configs", reach, `--alter --entity-type topics --entity-name ${topic} --add-config ${added}`)
}

/** Adds partitions; Kafka never takes any away. */
export const addPartitions = (reach: Reach, topic: string, partitions: number): string =>
  tool("kafka-topics", reach, `--alter --topic ${topic} --partitions ${partitions}`)

/** Deletes a topic with all that is in it; the next start makes it anew. */
export const deleteTopic = (reach: Reach, topic: string): string =>
  tool("kafka-topics", reach, `--delete --topic ${topic}`)

export interface HeldPartition {
  readonly topic: string
  readonly partition: number
  /** Where the open transaction begins. */
  readonly offset: number
}

/** Aborts the transaction that begins there, whoever opened it. */
export const abortTransaction = (reach: Reach, { offset, partition, topic }: HeldPartition): string =>
  tool("kafka-transactions", reach, `abort --topic ${topic} --partition ${partition} --start-offset ${offset}`)

/** Shows who has a transaction open there. */
export const describeProducers = (reach: Reach, { partition, topic }: Omit<HeldPartition, "offset">): string =>
  tool("kafka-transactions", reach, `describe-producers --topic ${topic} --partition ${partition}`)

/** What this process may do, as an access list says it. */
export type Access = "read" | "write" | "describe" | "create" | "group" | "transaction"

const operations: Readonly<Record<Access, ReadonlyArray<string>>> = {
  read: ["Read", "Describe"],
  write: ["Write", "Describe"],
  describe: ["Describe", "DescribeConfigs"],
  create: ["Create", "Describe", "DescribeConfigs"],
  group: ["Read", "Describe"],
  transaction: ["Write", "Describe"]
}

const resource = (access: Access): string =>
  access === "group" ? "--group" : access === "transaction" ? "--transactional-id" : "--topic"

const principal = ({ sasl }: Reach): string =>
  sasl !== undefined && "username" in sasl ? `User:${sasl.username}` : "User:<this process>"

/** Grants an access that this process lacks to all names of ours. */
export const grantAccess = (reach: Reach, access: Access): string =>
  tool(
    "kafka-acls",
    reach,
    `--add --allow-principal "${principal(reach)}"`,
    ...operations[access].map((operation) => `--operation ${operation}`),
    `${resource(access)} ${reach.prefix}. --resource-pattern-type prefixed`
  )

/** Keeps a foreign producer from opening transactions; plain appends stay allowed. */
export const denyTransactions = (reach: Reach): string =>
  tool("kafka-acls", reach, "--add --deny-principal \"User:<producer>\" --operation Write --transactional-id \"*\"")
