/**
 * Batches that are ready at the same moment and go to the same broker share a request; none ever waits for a request
 * that is under way. Trying again is the sender's.
 */
import { Deferred, Effect, type Scope } from "effect"
import type { Cluster, Partition, Purpose } from "../wire/Cluster.ts"
import { isStaleLeader } from "../wire/ErrorCode.ts"
import { produce, type ProducedPart, type ProducePart } from "../wire/requests/Produce.ts"
import { Unreachable } from "../wire/Unreachable.ts"

/** Batches share a request up to so many bytes together; a larger one goes alone. */
const maxRequestBytes = 1_044_480
/** How long the leader waits for its replicas; less than the call, so that it is the broker who says so. */
const replicaMillis = 5000
const callMillis = 8000

export interface Parcel extends ProducePart {
  /** The partition by the names of the port. */
  readonly at: Partition
}

export interface Outbox {
  /** The broker's answer for this batch. Unreachable: whether it was stored is unknown. Stale leaders are forgotten. */
  send(parcel: Parcel): Effect.Effect<ProducedPart, Unreachable>
}

export interface OutboxOptions {
  readonly cluster: Cluster["Service"]
  readonly purpose: Purpose
  readonly transactionalId: string | null
  /** Requests under way end with it. */
  readonly scope: Scope.Scope
}

interface Letter {
  readonly parcel: Parcel
  readonly answer: Deferred.Deferred<ProducedPart, Unreachable>
}

/** Cuts off the first letters that fit into one request. */
const takeRequest = (letters: Array<Letter>): ReadonlyArray<Letter> => {
  let bytes = 0
  const end = letters.findIndex(({ parcel }, index) => {
    bytes += parcel.batch.length
    return index > 0 && bytes > maxRequestBytes
  })
  return letters.splice(0, end < 0 ? letters.length : end)
}

const unanswered = ({ lane, topic }: ProducePart): Unreachable =>
  new Unreachable({ reason: `the broker has not answered for ${topic}/${lane}`, isRefusal: false })

const deliver = (letters: ReadonlyArray<Letter>, parts: ReadonlyArray<ProducedPart>): void => {
  for (const { answer, parcel } of letters) {
    const part = parts.find(({ lane, topic }) => lane === parcel.lane && topic === parcel.topic)
    Deferred.doneUnsafe(answer, part === undefined ? Effect.fail(unanswered(parcel)) : Effect.succeed(part))
  }
}

export const makeOutbox = ({ cluster, purpose, scope, transactionalId }: OutboxOptions): Outbox => {
  const waiting = new Map<number, Array<Letter>>()

  const request = (broker: number, letters: ReadonlyArray<Letter>) =>
    Effect.flatMap(cluster.link(broker, purpose), (link) => {
      const parts = letters.map(({ parcel }) => parcel)
      return link.call(produce, { transactionalId, timeoutMillis: replicaMillis, parts }, callMillis)
    }).pipe(
      Effect.onExit((exit) =>
        Effect.sync(() => {
          if (exit._tag === "Success") return deliver(letters, exit.value.parts)
          for (const { answer } of letters) Deferred.doneUnsafe(answer, Effect.failCause(exit.cause))
        })
      ),
      Effect.ignore
    )

  const post = (broker: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      const letters = waiting.get(broker) ?? []
      waiting.delete(broker)
      const requests: Array<ReadonlyArray<Letter>> = []
      while (letters.length > 0) requests.push(takeRequest(letters))
      return Effect.forEach(requests, (each) => request(broker, each), { concurrency: "unbounded", discard: true })
    })

  const posted = (broker: number, letter: Letter): Effect.Effect<void> =>
    Effect.suspend(() => {
      const others = waiting.get(broker)
      others?.push(letter)
      if (others !== undefined) return Effect.void
      waiting.set(broker, [letter])
      // The yield lets everybody hand in who became ready together with this one.
      return Effect.asVoid(Effect.forkIn(Effect.flatMap(Effect.yieldNow, () => post(broker)), scope))
    })

  const answered = (broker: number, parcel: Parcel): Effect.Effect<ProducedPart, Unreachable> =>
    Effect.uninterruptibleMask((restore) => {
      const letter: Letter = { parcel, answer: Deferred.makeUnsafe() }
      return Effect.flatMap(posted(broker, letter), () => restore(Deferred.await(letter.answer)))
    })

  const send = (parcel: Parcel): Effect.Effect<ProducedPart, Unreachable> => {
    const forget = cluster.forgetLeader(parcel.at)
    return Effect.flatMap(cluster.leader(parcel.at), (broker) =>
      answered(broker, parcel).pipe(
        Effect.tapError(() => forget),
        Effect.tap(({ code }) => isStaleLeader(code) ? forget : Effect.void)
      ))
  }

  return { send }
}
