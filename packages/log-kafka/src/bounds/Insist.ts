/** Asks the leader of a lane until it answers: leaders move and brokers restart, readers need not know. */
import { LogUnavailable } from "@tailrace/log"
import { Clock, Effect } from "effect"
import { type KafkaOptions, topicName } from "../KafkaOptions.ts"
import { grantAccess, type Reach } from "../topics/Command.ts"
import type { Cluster, Link, Partition } from "../wire/Cluster.ts"
import { ErrorCode, errorName, isStaleLeader } from "../wire/ErrorCode.ts"
import { Unreachable } from "../wire/Unreachable.ts"

/** How long a question is repeated before the lane counts as unavailable. */
export const deadlineMillis = 30_000
/** `Cluster.leader` paces itself; this only keeps a broker that answers nonsense from making us spin. */
const betweenAttempts = "20 millis"

export interface Asking {
  readonly cluster: Cluster["Service"]
  readonly options: Pick<KafkaOptions, "brokers" | "prefix" | "sasl" | "tls">
}

/** What an answer's error code means for who asked: nothing, try again, or stop. */
export const checked = Effect.fnUntraced(function*({ cluster, options }: Asking, partition: Partition, code: number) {
  if (code === ErrorCode.NONE) return
  const where = `${topicName(options, partition.topic)}/${partition.lane}`
  if (code === ErrorCode.TOPIC_AUTHORIZATION_FAILED) {
    return yield* new LogUnavailable({ reason: deniedRead(options, where) })
  }
  if (!isStaleLeader(code)) return yield* new LogUnavailable({ reason: `${where}: ${errorName(code)}` })
  yield* cluster.forgetLeader(partition)
  return yield* new Unreachable({ reason: `${where}: ${errorName(code)}`, isRefusal: false })
})

const deniedRead = (reach: Reach, where: string): string =>
  `no permission to read ${where}. Grant it: ${grantAccess(reach, "read")}`

/** The broker that leads the lane, forgotten when the question does not reach it. */
export const askLeader = <A, E>(
  { cluster }: Asking,
  partition: Partition,
  ask: (broker: number, link: Link) => Effect.Effect<A, E | Unreachable>
): Effect.Effect<A, E | Unreachable> =>
  Effect.flatMap(cluster.leader(partition), (broker) =>
    cluster.link(broker, "ask").pipe(
      Effect.flatMap((link) => ask(broker, link)),
      Effect.tapError((error) => error instanceof Unreachable ? cluster.forgetLeader(partition) : Effect.void)
    ))

/** Repeats the attempt while it is unreachable, for 30 s. */
export const insist = Effect.fnUntraced(function*<A>(attempt: Effect.Effect<A, Unreachable | LogUnavailable>) {
  const began = yield* Clock.currentTimeMillis
  const wait = Effect.fnUntraced(function*({ isRefusal, reason }: Unreachable) {
    const isOver = (yield* Clock.currentTimeMillis) - began >= deadlineMillis
    if (isRefusal || isOver) return yield* new LogUnavailable({ reason })
    return yield* Effect.sleep(betweenAttempts)
  })
  while (true) {
    const outcome = yield* attempt.pipe(Effect.map((value) => ({ value })), Effect.catchTag("Unreachable", wait))
    if (outcome !== undefined) return outcome.value
  }
})
