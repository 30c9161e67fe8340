/** The log on a real cluster, as one process has it: opened, and killed without a goodbye. */
import { Log, LogTroubles } from "@tailrace/log"
import type { OpenLog, Subject } from "@tailrace/log/contract"
import { type KafkaOptions, LogKafka, topicName } from "@tailrace/log-kafka"
import { Context, Effect, Exit, Layer, References, Scope } from "effect"
import type { KafkaSite } from "./KafkaSite.ts"

export interface ProcessLog {
  readonly log: Log["Service"]
  readonly troubles: Context.Service.Shape<typeof LogTroubles>
  /** Closes it as a process that drains does. */
  readonly close: Effect.Effect<void>
}

type Where = Pick<KafkaOptions, "brokers" | "prefix"> & Partial<KafkaOptions>

/** Until it is closed, at the latest with the scope. Two lanes, one replica, unless told otherwise. */
export const openKafkaLog = Effect.fn("openKafkaLog")(function*(where: Where) {
  const scope = yield* Scope.fork(yield* Effect.scope)
  const layer = LogKafka.layer({ lanes: 2, replicationFactor: 1, patienceMillis: 20_000, ...where })
  const context = yield* Layer.buildWithScope(layer, scope).pipe(
    Effect.provideService(References.MinimumLogLevel, "Error"),
    Effect.orDie
  )
  const opened: ProcessLog = {
    log: Context.get(context, Log),
    troubles: Context.get(context, LogTroubles),
    close: Scope.close(scope, Exit.void)
  }
  return opened
})

/** Retention: what is before the offset is gone, in all replicas. */
export const deleteRecords = (
  { admin }: KafkaSite,
  topic: string,
  { before, lane }: { before: number; lane: number }
) =>
  Effect.promise(async () => {
    // Without it their client does not know who leads the topic.
    await admin.fetchTopicMetadata({ topics: [topic] })
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: lane, offset: String(before) }] })
  })

/** All connections of this process die and none comes back; only then the process itself ends. */
const killedBy = ({ proxy }: KafkaSite, { close }: ProcessLog) =>
  Effect.suspend(() => {
    proxy.isOpen = false
    proxy.cutAll()
    return Effect.asVoid(Effect.timeoutOption(close, "10 seconds"))
  })

const openBehind = Effect.fnUntraced(function*(site: KafkaSite, prefix: string) {
  site.proxy.isOpen = true
  const opened = yield* openKafkaLog({ brokers: [site.proxied], prefix })
  const open: OpenLog = {
    log: opened.log,
    kill: killedBy(site, opened),
    expire: (topic, lane, before) => deleteRecords(site, topicName({ prefix }, topic), { lane, before })
  }
  return open
})

/** What the contract suite asks of a test; `site` is asked when a test runs. */
export const kafkaSubject = (site: () => KafkaSite): Effect.Effect<Subject> =>
  Effect.sync(() => {
    const prefix = site().freshPrefix()
    return { open: Effect.suspend(() => openBehind(site(), prefix)) }
  })
