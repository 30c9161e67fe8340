// What the settings of a cluster mean together; what does not go together is one line, without a secret.
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Option, Redacted } from "effect"
import type { App } from "../src/settings/App.ts"
import { type KafkaSaslSettings, revealsSecrets } from "../src/settings/LoadKafka.ts"
import { Settings } from "../src/settings/Settings.ts"

type Env = Readonly<Record<string, string>>

const load = (env: Env, app: App = "tailrace") =>
  Settings.pipe(
    Effect.provide(Settings.layer(app), { local: true }),
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))
  )

const secret = "pa55-word-of-nobody"
const cluster: Env = { TAILRACE_KAFKA_BROKERS: "kafka-1:9092", TAILRACE_MASTER_KEY: "a".repeat(64) }
const plain: Env = {
  TAILRACE_KAFKA_SASL: "plain",
  TAILRACE_KAFKA_USERNAME: "tailrace",
  TAILRACE_KAFKA_PASSWORD: secret
}
const byUrl: Env = {
  TAILRACE_KAFKA_SASL: "oauthbearer",
  TAILRACE_KAFKA_TOKEN_URL: "https://id.example.com/token",
  TAILRACE_KAFKA_CLIENT_ID: "tailrace",
  TAILRACE_KAFKA_CLIENT_SECRET: secret
}

const without = (env: Env, name: string): Env => ({ ...env, [name]: "" })

const refusals: ReadonlyArray<readonly [name: string, env: Env, line: RegExp, app?: App]> = [
  ["no port", { ...cluster, TAILRACE_KAFKA_BROKERS: "kafka-1" }, /^TAILRACE_KAFKA_BROKERS cannot be "kafka-1"/],
  ["port 0", { ...cluster, TAILRACE_KAFKA_BROKERS: "a:1,b:0" }, /^TAILRACE_KAFKA_BROKERS cannot be "a:1,b:0"/],
  ["bare IPv6", { ...cluster, TAILRACE_KAFKA_BROKERS: "::1:9092" }, /^TAILRACE_KAFKA_BROKERS cannot be/],
  ["prefix", { ...cluster, TAILRACE_KAFKA_PREFIX: "a b" }, /^TAILRACE_KAFKA_PREFIX cannot be "a b"/],
  ["prefix of dots", { ...cluster, TAILRACE_KAFKA_PREFIX: ".." }, /^TAILRACE_KAFKA_PREFIX cannot be/],
  ["replication", { ...cluster, TAILRACE_KAFKA_REPLICATION: "0" }, /^TAILRACE_KAFKA_REPLICATION cannot be "0"/],
  ["mechanism", { ...cluster, TAILRACE_KAFKA_SASL: "gssapi" }, /right is plain, scram-sha-256, scram-sha-512, oauthb/],
  [
    "no master key",
    without(cluster, "TAILRACE_MASTER_KEY"),
    /^TAILRACE_MASTER_KEY is absent; .*`openssl rand -hex 32`, because all processes on Kafka need the same one/
  ],
  ["no brokers", {}, /^TAILRACE_KAFKA_BROKERS is absent; .* because delivery shares its log/, "delivery"],
  [
    "password without user",
    { ...cluster, ...without(plain, "TAILRACE_KAFKA_USERNAME") },
    /^TAILRACE_KAFKA_USERNAME is absent; .*because TAILRACE_KAFKA_SASL is plain$/
  ],
  [
    "user without password",
    { ...cluster, ...without(plain, "TAILRACE_KAFKA_PASSWORD") },
    /^TAILRACE_KAFKA_PASSWORD is/
  ],
  [
    "password without mechanism",
    { ...cluster, ...without(plain, "TAILRACE_KAFKA_SASL") },
    /^TAILRACE_KAFKA_USERNAME is set; right is to leave it out unless TAILRACE_KAFKA_SASL is set$/
  ],
  [
    "TLS files without TLS",
    { ...cluster, TAILRACE_KAFKA_CA: "ca.pem" },
    /^TAILRACE_KAFKA_CA is set; right is to leave it out unless TAILRACE_KAFKA_TLS=1$/
  ],
  [
    "certificate without key",
    { ...cluster, TAILRACE_KAFKA_TLS: "1", TAILRACE_KAFKA_CERT: "c.pem" },
    /^TAILRACE_KAFKA_KEY is absent; .*because TAILRACE_KAFKA_CERT is set$/
  ],
  [
    "key without certificate",
    { ...cluster, TAILRACE_KAFKA_TLS: "1", TAILRACE_KAFKA_KEY: "k.pem" },
    /^TAILRACE_KAFKA_CERT is absent/
  ],
  ["token and password", { ...cluster, ...byUrl, TAILRACE_KAFKA_PASSWORD: secret }, /^TAILRACE_KAFKA_PASSWORD is set;/],
  ["token of plain", { ...cluster, ...plain, TAILRACE_KAFKA_TOKEN_FILE: "t" }, /^TAILRACE_KAFKA_TOKEN_FILE is set;/],
  ["two sources", { ...cluster, ...byUrl, TAILRACE_KAFKA_TOKEN_FILE: "t" }, /^TAILRACE_KAFKA_TOKEN_URL is set;/],
  ["no source", { ...cluster, TAILRACE_KAFKA_SASL: "oauthbearer" }, /^TAILRACE_KAFKA_TOKEN_URL is absent;/],
  [
    "open token URL",
    { ...cluster, ...byUrl, TAILRACE_KAFKA_TOKEN_URL: "http://id.example.com/token" },
    /^TAILRACE_KAFKA_TOKEN_URL cannot be/
  ],
  ["password without brokers", plain, /^TAILRACE_KAFKA_SASL is set; .*unless TAILRACE_KAFKA_BROKERS is set$/],
  ["TLS without brokers", { TAILRACE_KAFKA_TLS: "1" }, /^TAILRACE_KAFKA_BROKERS is absent;/]
]

describe("refused", () => {
  for (const [name, env, line, app] of refusals) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const { message } = yield* Effect.flip(load(env, app))
        assert.match(message, line)
        assert.notInclude(message, secret)
        assert.notInclude(message, "\n")
      }))
  }
})

describe("a cluster", () => {
  it.effect("with defaults", () =>
    Effect.gen(function*() {
      const read = yield* load(cluster)
      assert.deepStrictEqual(Option.getOrThrow(read.kafka), {
        brokers: ["kafka-1:9092"],
        prefix: "tailrace",
        replication: Option.none(),
        tls: Option.none(),
        sasl: Option.none()
      })
      assert.isFalse(read.demo, "the demo is off where others may share the log")
      assert.isTrue((yield* load({ ...cluster, TAILRACE_DEMO: "1" })).demo)
    }))

  it.effect("whole", () =>
    Effect.gen(function*() {
      const { kafka, lanes } = yield* load({
        ...cluster,
        ...plain,
        TAILRACE_KAFKA_BROKERS: "a:1, [::1]:2",
        TAILRACE_KAFKA_PREFIX: "acme.logs",
        TAILRACE_KAFKA_REPLICATION: "2",
        TAILRACE_KAFKA_TLS: "1",
        TAILRACE_KAFKA_CA: "ca.pem",
        TAILRACE_KAFKA_CERT: "c.pem",
        TAILRACE_KAFKA_KEY: "k.pem",
        TAILRACE_KAFKA_SASL: "SCRAM-SHA-512",
        TAILRACE_LANES: "24"
      })
      assert.deepStrictEqual(Option.getOrThrow(kafka), {
        brokers: ["a:1", "[::1]:2"],
        prefix: "acme.logs",
        replication: Option.some(2),
        tls: Option.some({ ca: Option.some("ca.pem"), pair: Option.some({ cert: "c.pem", key: "k.pem" }) }),
        sasl: Option.some<KafkaSaslSettings>({
          mechanism: "SCRAM-SHA-512",
          username: "tailrace",
          password: Redacted.make(secret)
        })
      })
      assert.deepStrictEqual(lanes, Option.some(24))
    }))

  it.effect("with tokens", () =>
    Effect.gen(function*() {
      const { kafka } = yield* load({ ...cluster, ...byUrl })
      assert.deepStrictEqual<KafkaSaslSettings>(
        Option.getOrThrow(Option.getOrThrow(kafka).sasl),
        {
          mechanism: "OAUTHBEARER",
          source: {
            _tag: "Url",
            url: "https://id.example.com/token",
            clientId: "tailrace",
            clientSecret: Redacted.make(secret),
            scope: Option.none<string>()
          }
        }
      )
    }))

  it.effect("ingest needs no master key, and listens elsewhere", () =>
    Effect.gen(function*() {
      const { listen, masterKey } = yield* load(without(cluster, "TAILRACE_MASTER_KEY"), "ingest")
      assert.deepStrictEqual([masterKey, listen.port], [Option.none(), 8088])
      assert.strictEqual((yield* load(cluster, "delivery")).listen.port, 8089)
    }))

  it.effect("credentials in the open are noticed, not on the loopback address", () =>
    Effect.gen(function*() {
      const reveals = (env: Env) =>
        Effect.map(load({ ...cluster, ...plain, ...env }), ({ kafka }) => Option.exists(kafka, revealsSecrets))
      assert.isTrue(yield* reveals({}))
      assert.isTrue(yield* reveals({ TAILRACE_KAFKA_BROKERS: "127.0.0.1:1,127.example.com:1" }))
      assert.isFalse(yield* reveals({ TAILRACE_KAFKA_BROKERS: "127.0.0.1:1,[::1]:1,localhost:1" }))
      assert.isFalse(yield* reveals({ TAILRACE_KAFKA_TLS: "1" }))
      const none = Object.fromEntries(Object.keys(plain).map((name) => [name, ""]))
      assert.isFalse(yield* reveals(none))
    }))
})
