/**
 * The cluster as this process sees it: who leads which lane, who coordinates which group or transaction, and a link to
 * each of them for each purpose. A broker serves one request of a connection at a time, so what may wait there (a long
 * poll, a rebalance) never shares a connection with what must not.
 */
import type { Lane, Topic } from "@tailrace/log"
import { Context, type Effect } from "effect"
import type { Api } from "./Api.ts"
import type { Unreachable } from "./Unreachable.ts"

/**
 * `ask`: metadata, bounds, administration. `append`: produce outside of transactions. `commit`: transactions.
 * `group`: membership. `events`: long polls of control, secrets, ledger, positions, quarantine. `records`: long polls
 * of audit and flow. `catchUp`: further readers of a lane that is read already.
 */
export type Purpose = "ask" | "append" | "commit" | "group" | "events" | "records" | "catchUp"

/** One connection to one broker; made anew when it breaks. */
export interface Link {
  /** `host:port`. */
  readonly address: string
  /**
   * Sends the question and waits for its answer, for at most `timeoutMillis` (default 5,000), the time the broker may
   * wait on purpose (a long poll, a rebalance) included. An interruption abandons the answer, never the question.
   */
  call<Question, Answer>(
    api: Api<Question, Answer>,
    question: Question,
    timeoutMillis?: number
  ): Effect.Effect<Answer, Unreachable>
}

export type Coordinated = { readonly kind: "group" | "transaction"; readonly id: string }

export interface Partition {
  readonly topic: Topic
  readonly lane: Lane
}

/** One partition as the cluster has it. */
export interface PartitionState {
  readonly lane: Lane
  /** Number of the broker that leads it; not given while it has none. */
  readonly leader: number | undefined
  /** Numbers of the brokers that should hold it, and of those that hold all of it. */
  readonly replicas: ReadonlyArray<number>
  readonly inSync: ReadonlyArray<number>
}

/** One of our topics as the cluster has it. */
export interface TopicState {
  /** `NONE`, or why there is nothing to say of it: `UNKNOWN_TOPIC_OR_PARTITION`, `TOPIC_AUTHORIZATION_FAILED`. */
  readonly errorCode: number
  /** As of `topicId`. */
  readonly id: string
  /** Ascending by lane. */
  readonly partitions: ReadonlyArray<PartitionState>
}

export interface ClusterState {
  readonly brokers: ReadonlyArray<{ readonly broker: number; readonly address: string }>
  /** Number of the broker that takes changes of topics; not given while there is none. */
  readonly controller: number | undefined
  /** All of our topics, those that are not there included. */
  readonly topics: ReadonlyMap<Topic, TopicState>
}

export class Cluster extends Context.Service<Cluster, {
  /** Any broker that answers. */
  any(purpose: Purpose): Effect.Effect<Link, Unreachable>
  /** Number of the broker that leads the lane of this topic; fails while it has none. */
  leader(partition: Partition): Effect.Effect<number, Unreachable>
  link(broker: number, purpose: Purpose): Effect.Effect<Link, Unreachable>
  coordinator(of: Coordinated, purpose: Purpose): Effect.Effect<Link, Unreachable>
  /** What was known of this partition's leader is no longer true: learn it anew before the next use, not too often. */
  forgetLeader(partition: Partition): Effect.Effect<void>
  forgetCoordinator(of: Coordinated): Effect.Effect<void>
  /** Identity of the topic, which changes when it is deleted and made anew; empty with brokers before 2.8. */
  topicId(topic: Topic): Effect.Effect<string, Unreachable>
  /** The cluster at present: asked anew each time. */
  readonly describe: Effect.Effect<ClusterState, Unreachable>
}>()("@tailrace/log-kafka/Cluster") {}
