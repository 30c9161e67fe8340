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
}>()("@tailrace/log-kafka/Cluster") {}
