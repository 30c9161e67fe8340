/**
 * What the settings of a Kafka cluster mean together, and what does not go together. Files are read, and tokens asked
 * for, in `kafka/`; what the cluster is asked for is in `log-kafka`.
 */
import { Effect, Option, type Redacted } from "effect"
import { kafkaSettings as s, type SaslMechanism } from "./KafkaSettings.ts"
import { isLoopback, parseListen } from "./ListenAddress.ts"
import { BrokenSetting, needed, type Setting } from "./Setting.ts"

/** Where the PEM files lie. */
export interface KafkaTlsFiles {
  readonly ca: Option.Option<string>
  readonly pair: Option.Option<{ readonly cert: string; readonly key: string }>
}

export interface TokenUrl {
  readonly _tag: "Url"
  readonly url: string
  readonly clientId: string
  readonly clientSecret: Redacted.Redacted
  readonly scope: Option.Option<string>
}

export interface TokenFile {
  readonly _tag: "File"
  readonly path: string
}

export interface WithPassword {
  readonly mechanism: Exclude<SaslMechanism, "OAUTHBEARER">
  readonly username: string
  readonly password: Redacted.Redacted
}

export type KafkaSaslSettings = WithPassword | {
  readonly mechanism: "OAUTHBEARER"
  readonly source: TokenUrl | TokenFile
}

/** A cluster as the settings describe it; no file was read yet. */
export interface KafkaSettings {
  readonly brokers: ReadonlyArray<string>
  readonly prefix: string
  readonly replication: Option.Option<number>
  readonly tls: Option.Option<KafkaTlsFiles>
  readonly sasl: Option.Option<KafkaSaslSettings>
}

/** True where a password or a token would cross a network that anyone may read. */
export const revealsSecrets = ({ brokers, sasl, tls }: KafkaSettings): boolean =>
  Option.isSome(sasl) && Option.isNone(tls) &&
  !brokers.every((broker) => Option.exists(parseListen(broker), ({ host }) => isLoopback(host)))

const isUseless = ({ name }: Setting<unknown>, unless: string): BrokenSetting =>
  new BrokenSetting({ name, given: "present", right: `to leave it out ${unless}` })

/** Fails at the first that is set: it would silently do nothing. */
const useless = Effect.fnUntraced(function*(
  settings: ReadonlyArray<Setting<Option.Option<unknown>>>,
  unless: string
) {
  for (const setting of settings) {
    if (Option.isSome(yield* setting.value)) return yield* isUseless(setting, unless)
  }
})

const loadTls = Effect.gen(function*() {
  if (!(yield* s.kafkaTls.value)) {
    yield* useless([s.kafkaCa, s.kafkaCert, s.kafkaKey], `unless ${s.kafkaTls.name}=1`)
    return Option.none<KafkaTlsFiles>()
  }
  const [ca, cert, key] = yield* Effect.all([s.kafkaCa.value, s.kafkaCert.value, s.kafkaKey.value])
  if (Option.isSome(cert)) yield* needed(s.kafkaKey, `${s.kafkaCert.name} is set`)
  if (Option.isSome(key)) yield* needed(s.kafkaCert, `${s.kafkaKey.name} is set`)
  return Option.some<KafkaTlsFiles>({ ca, pair: Option.all({ cert, key }) })
})

const ofPassword = [s.kafkaUsername, s.kafkaPassword] as const
const ofTokenUrl = [s.kafkaTokenUrl, s.kafkaClientId, s.kafkaClientSecret, s.kafkaTokenScope] as const

const loadPassword = Effect.fnUntraced(function*(mechanism: WithPassword["mechanism"]) {
  yield* useless([...ofTokenUrl, s.kafkaTokenFile], `unless ${s.kafkaSasl.name}=oauthbearer`)
  const because = `${s.kafkaSasl.name} is ${mechanism.toLowerCase()}`
  const username = yield* needed(s.kafkaUsername, because)
  return { mechanism, username, password: yield* needed(s.kafkaPassword, because) }
})

const loadTokenSource = Effect.gen(function*() {
  yield* useless(ofPassword, `where ${s.kafkaSasl.name} is oauthbearer`)
  const file = yield* s.kafkaTokenFile.value
  if (Option.isSome(file)) {
    yield* useless(ofTokenUrl, `where ${s.kafkaTokenFile.name} is set`)
    return { _tag: "File", path: file.value } satisfies TokenFile
  }
  const because = `${s.kafkaSasl.name} is oauthbearer and there is no ${s.kafkaTokenFile.name}`
  const url = yield* needed(s.kafkaTokenUrl, because)
  const clientId = yield* needed(s.kafkaClientId, because)
  const clientSecret = yield* needed(s.kafkaClientSecret, because)
  return { _tag: "Url", url, clientId, clientSecret, scope: yield* s.kafkaTokenScope.value } satisfies TokenUrl
})

const loadSasl = Effect.gen(function*() {
  const mechanism = yield* s.kafkaSasl.value
  if (Option.isNone(mechanism)) {
    yield* useless([...ofPassword, ...ofTokenUrl, s.kafkaTokenFile], `unless ${s.kafkaSasl.name} is set`)
    return Option.none<KafkaSaslSettings>()
  }
  if (mechanism.value !== "OAUTHBEARER") return Option.some<KafkaSaslSettings>(yield* loadPassword(mechanism.value))
  return Option.some<KafkaSaslSettings>({ mechanism: mechanism.value, source: yield* loadTokenSource })
})

const loadCluster = Effect.fnUntraced(function*(brokers: ReadonlyArray<string>) {
  const [prefix, replication] = yield* Effect.all([s.kafkaPrefix.value, s.kafkaReplication.value])
  const tls = yield* loadTls
  return { brokers, prefix, replication, tls, sasl: yield* loadSasl } satisfies KafkaSettings
})

/** None: the log is the embedded one; then nothing else may be said about a cluster. */
export const loadKafka: Effect.Effect<Option.Option<KafkaSettings>, BrokenSetting> = Effect.gen(function*() {
  const brokers = yield* s.kafkaBrokers.value
  if (Option.isSome(brokers)) return Option.some(yield* loadCluster(brokers.value))
  const others = [s.kafkaReplication, s.kafkaCa, s.kafkaCert, s.kafkaKey, s.kafkaSasl, ...ofPassword]
  yield* useless([...others, ...ofTokenUrl, s.kafkaTokenFile], `unless ${s.kafkaBrokers.name} is set`)
  if (yield* s.kafkaTls.value) yield* needed(s.kafkaBrokers, `${s.kafkaTls.name} is 1`)
  return Option.none()
})
