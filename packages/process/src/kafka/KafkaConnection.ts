/** The cluster of the settings as `log-kafka` wants it: PEM files read, and how a token is got. */
import type { KafkaOptions, KafkaSasl, KafkaTls } from "@tailrace/log-kafka"
import { Effect, FileSystem, Option, Redacted } from "effect"
import {
  type KafkaSaslSettings,
  type KafkaSettings,
  type KafkaTlsFiles,
  revealsSecrets
} from "../settings/LoadKafka.ts"
import { Settings } from "../settings/Settings.ts"
import { StartupFailure } from "../StartupFailure.ts"
import { tokenFrom } from "./Token.ts"

/** How long a start waits for a cluster that does not answer. */
const patienceMillis = 30_000

const readPem = Effect.fnUntraced(function*(variable: string, file: string) {
  const files = yield* FileSystem.FileSystem
  return yield* files.readFileString(file).pipe(
    Effect.mapError(({ reason }) => new StartupFailure({ message: `${variable}: cannot read ${file}: ${reason._tag}` }))
  )
})

const tlsOf = Effect.fnUntraced(function*({ ca, pair }: KafkaTlsFiles) {
  const authorities = Option.isSome(ca) ? { ca: yield* readPem("TAILRACE_KAFKA_CA", ca.value) } : {}
  const tls: KafkaTls = { ...authorities, verify: true }
  if (Option.isNone(pair)) return tls
  const cert = yield* readPem("TAILRACE_KAFKA_CERT", pair.value.cert)
  const key = Redacted.make(yield* readPem("TAILRACE_KAFKA_KEY", pair.value.key))
  return { ...tls, cert, key }
})

const saslOf = Effect.fnUntraced(function*(sasl: KafkaSaslSettings) {
  if (sasl.mechanism !== "OAUTHBEARER") return sasl satisfies KafkaSasl
  return { mechanism: sasl.mechanism, token: yield* tokenFrom(sasl.source) } satisfies KafkaSasl
})

const warning = "TAILRACE_KAFKA_SASL without TAILRACE_KAFKA_TLS=1: whoever reads the network reads the credentials " +
  "and every record"

/** Fails with one line when a file cannot be read. */
export const kafkaOptions = Effect.fn("kafkaOptions")(function*(settings: KafkaSettings) {
  const { lanes } = yield* Settings
  if (revealsSecrets(settings)) yield* Effect.logWarning(warning)
  const { brokers, prefix, replication, sasl, tls } = settings
  const options: KafkaOptions = {
    brokers,
    prefix,
    lanes: Option.getOrUndefined(lanes),
    patienceMillis,
    ...(Option.isSome(replication) ? { replicationFactor: replication.value } : {}),
    ...(Option.isSome(tls) ? { tls: yield* tlsOf(tls.value) } : {}),
    ...(Option.isSome(sasl) ? { sasl: yield* saslOf(sasl.value) } : {})
  }
  return options
})
