/** Which log: Kafka where the settings name brokers, the embedded one otherwise. Only that one is loaded. */
import { Log } from "@tailrace/log"
import { Context, Effect, Layer, Option } from "effect"
import { places, prepareFolder } from "./DataFolder.ts"
import { kafkaOptions } from "./kafka/KafkaConnection.ts"
import type { KafkaSettings } from "./settings/LoadKafka.ts"
import { StartupFailure } from "./StartupFailure.ts"
import { Settings } from "./settings/Settings.ts"

/** Fails when the log can serve no longer and the process is to end, so that its supervisor starts it again. */
export class LogEnd extends Context.Reference<Effect.Effect<never, { readonly message: string }>>(
  "@tailrace/process/LogEnd",
  { defaultValue: () => Effect.never }
) {}

const lanesUnlessSet = 2

const embedded = Layer.unwrap(Effect.gen(function*() {
  const { data, lanes } = yield* Settings
  yield* prepareFolder(data)
  const { LogSqlite } = yield* Effect.promise(() => import("@tailrace/log-sqlite"))
  const end = Layer.effect(LogEnd, Effect.map(LogSqlite.EmbeddedLog, ({ ended }) => ended))
  const log = LogSqlite.layer({ directory: places(data).log, lanes: Option.getOrElse(lanes, () => lanesUnlessSet) })
  return Layer.provideMerge(end, log)
}))

const onKafka = Effect.fnUntraced(function*(settings: KafkaSettings) {
  const { prefix } = yield* kafkaOptions(settings)
  const message = `TAILRACE_KAFKA_BROKERS: this release has no log on Kafka yet (${prefix})`
  return Layer.effect(Log, Effect.fail(new StartupFailure({ message })))
}, Layer.unwrap)

/** Fails with one line when the log cannot be used. */
export const layer = Layer.unwrap(Effect.gen(function*() {
  const { kafka } = yield* Settings
  return Option.isSome(kafka) ? onKafka(kafka.value) : embedded
}))
