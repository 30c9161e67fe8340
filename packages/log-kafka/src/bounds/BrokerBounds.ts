/**
 * Asks one broker for the bounds of many lanes at once. While one question is under way, lanes that are asked for
 * gather for the next: so a caller never gets an answer to a question that was sent before it called, and a broker has
 * at most one question of three requests to answer at a time.
 */
import type { Bounds, Lane, Topic } from "@tailrace/log"
import { Deferred, Effect, Exit, type Scope } from "effect"
import { type KafkaOptions, topicName } from "../KafkaOptions.ts"
import type { Link, Partition } from "../wire/Cluster.ts"
import { ErrorCode } from "../wire/ErrorCode.ts"
import { earliestTime, latestTime, listOffsets, type ListOffsetsAnswer } from "../wire/requests/ListOffsets.ts"
import type { Unreachable } from "../wire/Unreachable.ts"

/** `code` is the first error of the three answers; without one the bounds are true. */
export interface LaneBounds {
  readonly code: number
  readonly bounds: Bounds
}

interface Waiting extends Partition {
  readonly answer: Deferred.Deferred<LaneBounds, Unreachable>
}

export interface BrokerBounds {
  ask(partition: Partition): Effect.Effect<LaneBounds, Unreachable>
}

export const keyOf = (topic: Topic, lane: Lane): string => `${topic}/${lane}`

interface Question {
  readonly time: number
  readonly isReadCommitted: boolean
}

const questions: ReadonlyArray<Question> = [
  { time: earliestTime, isReadCommitted: false },
  { time: latestTime, isReadCommitted: true },
  { time: latestTime, isReadCommitted: false }
]

const topicsOf = (prefix: Pick<KafkaOptions, "prefix">, lanes: ReadonlyArray<Partition>, time: number) =>
  [...Map.groupBy(lanes, ({ topic }) => topic)].map(([topic, partitions]) => ({
    name: topicName(prefix, topic),
    partitions: partitions.map(({ lane }) => ({ partition: lane, time }))
  }))

type Found = ReadonlyMap<string, { readonly code: number; readonly offset: number }>

const byPartition = ({ topics }: ListOffsetsAnswer): Found =>
  new Map(
    topics.flatMap(({ name, partitions }) => partitions.map((one) => [`${name}/${one.partition}`, one] as const))
  )

/** A lane that a broker left out of its answer is not led by it. */
const absent = { code: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, offset: 0 }

const boundsFrom = (answers: ReadonlyArray<Found>, name: string): LaneBounds => {
  const [earliest = absent, stable = absent, next = absent] = answers.map((answer) => answer.get(name) ?? absent)
  return {
    code: [earliest, stable, next].find(({ code }) => code !== ErrorCode.NONE)?.code ?? ErrorCode.NONE,
    bounds: { earliest: earliest.offset, stable: Math.min(stable.offset, next.offset), next: next.offset }
  }
}

/** The pump ends with the scope, or when nobody waits. */
export const makeBrokerBounds = (
  prefix: Pick<KafkaOptions, "prefix">,
  link: Link
): Effect.Effect<BrokerBounds, never, Scope.Scope> =>
  Effect.map(Effect.scope, (scope) => {
    let waiting = new Map<string, Waiting>()
    let isPumping = false

    const send = Effect.fnUntraced(function*(lanes: ReadonlyArray<Waiting>) {
      const asked = yield* Effect.exit(Effect.forEach(
        questions,
        ({ isReadCommitted, time }) =>
          link.call(listOffsets, { isReadCommitted, topics: topicsOf(prefix, lanes, time) }),
        { concurrency: questions.length }
      ))
      const answers = Exit.map(asked, (list) => list.map(byPartition))
      for (const { answer, lane, topic } of lanes) {
        const name = `${topicName(prefix, topic)}/${lane}`
        Deferred.doneUnsafe(answer, Exit.map(answers, (found) => boundsFrom(found, name)))
      }
    })

    const pump = Effect.gen(function*() {
      while (waiting.size > 0) {
        const lanes = [...waiting.values()]
        waiting = new Map()
        yield* send(lanes)
      }
    }).pipe(Effect.ensuring(Effect.sync(() => {
      isPumping = false
    })))

    const ask = Effect.fnUntraced(function*(partition: Partition) {
      const key = keyOf(partition.topic, partition.lane)
      const joined = waiting.get(key)
      if (joined !== undefined) return yield* Deferred.await(joined.answer)
      const answer = Deferred.makeUnsafe<LaneBounds, Unreachable>()
      waiting.set(key, { ...partition, answer })
      if (!isPumping) {
        isPumping = true
        yield* Effect.forkIn(pump, scope)
      }
      return yield* Deferred.await(answer)
    })
    return { ask }
  })
