/** Appends of any number of callers to all topics and lanes: an idempotent producer of our own, bounded in memory. */
import type { Entry, Lane, LogError, Offset, Topic } from "@tailrace/log"
import { Deferred, Effect, type Scope } from "effect"
import { topicName } from "../KafkaOptions.ts"
import type { Reach } from "../topics/Command.ts"
import { Cluster } from "../wire/Cluster.ts"
import { cut } from "./AppendQueue.ts"
import { ByteGate } from "./ByteGate.ts"
import { type LaneSender, makeLaneSender } from "./LaneSender.ts"
import { makeOutbox } from "./Outbox.ts"
import { makeProducers } from "./Producers.ts"

/** What may wait for the cluster, encoded, over all lanes; beyond it callers wait before they hand in. */
const maxWaitingBytes = 16_777_216

export interface Appender {
  /**
   * As the port's `append`, but for its checks of the lane's number and of the values' sizes, and for an append of
   * nothing (a defect): those are the caller's. Interrupted, each batch of it is stored whole or not at all.
   */
  append(
    topic: Topic,
    lane: Lane,
    entries: ReadonlyArray<Entry>
  ): Effect.Effect<{ readonly baseOffset: Offset }, LogError>
}

/** One for the whole process. What waits when the scope ends fails with `LogUnavailable`. */
export const makeAppender = (reach: Reach): Effect.Effect<Appender, never, Cluster | Scope.Scope> =>
  Effect.gen(function*() {
    const cluster = yield* Cluster
    const scope = yield* Effect.scope
    const gate = new ByteGate(maxWaitingBytes)
    const outbox = makeOutbox({ cluster, scope, purpose: "append", transactionalId: null })
    const shared = { reach, outbox, scope, producers: makeProducers(cluster, reach) }
    const release = (bytes: number) => gate.leave(bytes)
    const senders = new Map<string, LaneSender>()

    const senderOf = (topic: Topic, lane: Lane): LaneSender => {
      const place = `${topic}/${lane}`
      const known = senders.get(place)
      if (known !== undefined) return known
      const sender = makeLaneSender({ ...shared, at: { topic, lane }, topic: topicName(reach, topic), release })
      senders.set(place, sender)
      return sender
    }

    const append = (topic: Topic, lane: Lane, entries: ReadonlyArray<Entry>) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function*() {
          if (entries.length === 0) return yield* Effect.die(new RangeError("an append of no entries"))
          const parts = cut(entries)
          const sender = senderOf(topic, lane)
          yield* restore(gate.enter(parts.bytes))
          const submission = yield* sender.submit(parts)
          const withdraw = Effect.sync(() => sender.withdraw(submission))
          return yield* Effect.onInterrupt(restore(Deferred.await(submission.result)), () => withdraw)
        })
      )
    return { append }
  })
