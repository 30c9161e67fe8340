/** Which log: Kafka where the settings name brokers, the embedded one otherwise. Only that one is loaded. */
import type { Log } from "@tailrace/log"
import { Context, Effect, Layer, Option } from "effect"
import { places, prepareFolder } from "./DataFolder.ts"
import { kafkaOptions } from "./kafka/KafkaConnection.ts"
import type { KafkaSettings } from "./settings/LoadKafka.ts"
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
  const options = yield* kafkaOptions(settings)
  const { LogKafka } = yield* Effect.promise(() => import("@tailrace/log-kafka"))
  return LogKafka.layer(options)
}, Layer.unwrap)

type Embedded = typeof embedded
type OnKafka = ReturnType<typeof onKafka>
type Chosen = Layer.Layer<
  Log,
  Layer.Error<Embedded> | Layer.Error<OnKafka>,
  Layer.Services<Embedded>
>

/** Fails with one line when the log cannot be used. */
export const layer = Layer.unwrap(
  Effect.map(Settings, ({ kafka }): Chosen => Option.isSome(kafka) ? onKafka(kafka.value) : embedded)
)
