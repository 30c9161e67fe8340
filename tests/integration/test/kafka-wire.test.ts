// Ways into a real broker: TLS, certificates of clients, every kind of SASL, and what a refusal says; a restart.
import { assert, describe, it } from "@effect/vitest"
import type { KafkaOptions, KafkaSasl, KafkaTls } from "@tailrace/log-kafka"
import { Cause, Clock, DateTime, Effect, Exit, Redacted } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll } from "vitest"
import { type Certified, makeAuthority } from "../src/kafka/Certificates.ts"
import { openKafkaLog } from "../src/kafka/KafkaLog.ts"
import { type KafkaSite, useKafka } from "../src/kafka/KafkaSite.ts"
import { java, lacks, maven, naming, openssl } from "../src/tool.ts"

const tools = [java, maven, openssl] as const
const seconds = 60_000
const password = "secret"
const alice = { username: "alice", password: Redacted.make(password) }
const scrams = ["SCRAM-SHA-256", "SCRAM-SHA-512"] as const

interface Pems {
  readonly ca: string
  readonly server: Certified
  readonly client: Certified
  /** Of an authority that the broker does not know. */
  readonly stranger: Certified
  readonly strangerCa: string
}

const noPems: Pems = {
  ca: "",
  server: { cert: "", key: "" },
  client: { cert: "", key: "" },
  stranger: { cert: "", key: "" },
  strangerCa: ""
}

const makePems = (): Pems => {
  const folder = mkdtempSync(path.join(tmpdir(), "tailrace-pem-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const { ca, certify } = makeAuthority(folder, "authority")
  const other = makeAuthority(folder, "stranger")
  const local = "IP:127.0.0.1"
  return {
    ca,
    server: certify("broker", local),
    client: certify("worker", local),
    stranger: other.certify("worker", local),
    strangerCa: other.ca
  }
}

/** As a properties file wants it. */
const inOneLine = (pem: string): string => pem.trim().replaceAll("\n", "\\n")

const module = "org.apache.kafka.common.security"

const propertiesOf = ({ ca, server }: Pems): Record<string, string> => ({
  "ssl.keystore.type": "PEM",
  "ssl.keystore.key": inOneLine(server.key),
  "ssl.keystore.certificate.chain": inOneLine(server.cert),
  "ssl.truststore.type": "PEM",
  "ssl.truststore.certificates": inOneLine(ca),
  "listener.name.mutual.ssl.client.auth": "required",
  "sasl.enabled.mechanisms": ["PLAIN", "OAUTHBEARER", ...scrams].join(","),
  "listener.name.sasl.plain.sasl.jaas.config": `${module}.plain.PlainLoginModule required user_alice="secret";`,
  "listener.name.sasl.scram-sha-256.sasl.jaas.config": `${module}.scram.ScramLoginModule required;`,
  "listener.name.sasl.scram-sha-512.sasl.jaas.config": `${module}.scram.ScramLoginModule required;`,
  "listener.name.sasl.oauthbearer.sasl.jaas.config":
    `${module}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
  "listener.name.bare.sasl.enabled.mechanisms": "SCRAM-SHA-256",
  "listener.name.bare.scram-sha-256.sasl.jaas.config": `${module}.scram.ScramLoginModule required;`
})

const listeners = {
  TLS: { protocol: "SSL" },
  MUTUAL: { protocol: "SSL" },
  SASL: { protocol: "SASL_SSL" },
  BARE: { protocol: "SASL_PLAINTEXT" }
}

type Way = Pick<KafkaOptions, "sasl" | "tls"> & { readonly listener: keyof typeof listeners | "PLAIN" }

const open = (site: KafkaSite, { listener, ...way }: Way, prefix = site.freshPrefix()) =>
  openKafkaLog({ brokers: [site.cluster.addresses[listener] ?? ""], prefix, ...way })

const roundTrip = Effect.fnUntraced(function*(site: KafkaSite, way: Way) {
  const { log } = yield* open(site, way)
  const { baseOffset } = yield* log.append("flow", 1, [{ key: "example.com", value: Buffer.from("{}") }])
  assert.strictEqual(baseOffset, 0)
  assert.strictEqual((yield* log.bounds("flow", 1)).next, 1)
})

const failureOf = (exit: Exit.Exit<unknown, unknown>): string => {
  const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
  return error instanceof Error ? error.message : ""
}

/** How the start fails, and that it does so at once: no patience with a broker that says no. */
const refused = Effect.fnUntraced(function*(site: KafkaSite, way: Way) {
  const began = yield* Clock.currentTimeMillis
  const exit = yield* Effect.exit(open(site, way))
  assert.isBelow((yield* Clock.currentTimeMillis) - began, 5_000)
  const message = failureOf(exit)
  assert.notInclude(message, password)
  assert.notInclude(message, "\n")
  return message
})

/** A token without a signature, as the broker's default validator takes it. */
const tokenOf = (times: { readonly iat: number; readonly exp: number }): Redacted.Redacted => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url")
  return Redacted.make(`${part({ alg: "none" })}.${part({ sub: "alice", ...times })}.`)
}

const bearer = (lastsSeconds: number): KafkaSasl => ({
  mechanism: "OAUTHBEARER",
  token: Effect.map(DateTime.now, (now) => {
    const iat = Math.floor(DateTime.toEpochMillis(now) / 1_000) - 600
    return tokenOf({ iat, exp: iat + 600 + lastsSeconds })
  })
})

describe.skipIf(lacks(...tools))(naming("ways into a real broker", ...tools), () => {
  const pems = lacks(...tools) ? noPems : makePems()
  const format = scrams.flatMap((name) => ["--add-scram", `${name}=[name=alice,password=secret]`])
  const site = useKafka({ listeners, properties: propertiesOf(pems), format })
  const tls: KafkaTls = { ca: pems.ca, verify: true }
  const { cert } = pems.client
  const own = { cert, key: Redacted.make(pems.client.key) }

  it.live("TLS, with the broker's authority", () => roundTrip(site(), { listener: "TLS", tls }), seconds)

  it.live(
    "TLS without looking at the certificate",
    () => roundTrip(site(), { listener: "TLS", tls: { verify: false } }),
    seconds
  )

  it.live(
    "TLS with a certificate of the client",
    () => roundTrip(site(), { listener: "MUTUAL", tls: { ...tls, ...own } }),
    seconds
  )

  const sasls: ReadonlyArray<KafkaSasl> = [
    { mechanism: "PLAIN", ...alice },
    { mechanism: "SCRAM-SHA-256", ...alice },
    { mechanism: "SCRAM-SHA-512", ...alice },
    bearer(3_600)
  ]
  for (const sasl of sasls) {
    it.live(`SASL ${sasl.mechanism} over TLS`, () => roundTrip(site(), { listener: "SASL", tls, sasl }), seconds)
  }

  it.live(
    "SASL without TLS",
    () => roundTrip(site(), { listener: "BARE", sasl: { mechanism: "SCRAM-SHA-256", ...alice } }),
    seconds
  )

  const wrong = { username: "alice", password: Redacted.make("wrong-and-hidden") }
  const { strangerCa, stranger } = pems
  const strange = { cert: stranger.cert, key: Redacted.make(stranger.key) }
  const refusals: ReadonlyArray<readonly [string, Way, RegExp]> = [
    [
      "a wrong password",
      { listener: "SASL", tls, sasl: { mechanism: "PLAIN", ...wrong } },
      /PLAIN authentication failed/
    ],
    [
      "a wrong SCRAM password",
      { listener: "SASL", tls, sasl: { mechanism: "SCRAM-SHA-512", ...wrong } },
      /SHA512 .*fail/
    ],
    [
      "a token that is over",
      { listener: "SASL", tls, sasl: bearer(-300) },
      /OAUTHBEARER authentication failed.*invalid_token/
    ],
    ["a mechanism the broker has not", { listener: "BARE", sasl: { mechanism: "PLAIN", ...alice } }, /mechanism/i],
    ["an authority that is not the broker's", { listener: "TLS", tls: { ca: strangerCa, verify: true } }, /no TLS/],
    ["no authority at all", { listener: "TLS", tls: { verify: true } }, /no TLS/],
    ["no certificate where one is wanted", { listener: "MUTUAL", tls }, /no TLS/],
    ["a certificate of somebody else's", { listener: "MUTUAL", tls: { ...tls, ...strange } }, /no TLS/],
    [
      "a key that is none",
      { listener: "TLS", tls: { ...tls, cert, key: Redacted.make("nonsense") } },
      /Failed to connect/
    ]
  ]
  for (const [name, way, reason] of refusals) {
    it.live(`${name} is refused at once, in one line without secrets`, () =>
      Effect.gen(function*() {
        const message = yield* refused(site(), way)
        assert.match(message, reason)
        assert.notInclude(message, "hidden")
      }), seconds)
  }

  const mistaken: ReadonlyArray<readonly [string, Way, RegExp]> = [
    ["no TLS where it is wanted", { listener: "TLS" }, /does it want TLS or SASL|is TLS missing/],
    ["no SASL where it is wanted", { listener: "BARE" }, /does it want TLS or SASL/],
    ["TLS where there is none", { listener: "PLAIN", tls }, /does this port speak TLS/]
  ]
  for (const [name, { listener, ...way }, reason] of mistaken) {
    it.live(
      `${name}: a broker that starts may look the same, so it is waited for, and then told with a guess`,
      () =>
        Effect.gen(function*() {
          const brokers = [site().cluster.addresses[listener] ?? ""]
          const exit = yield* Effect.exit(openKafkaLog({ brokers, prefix: "never", patienceMillis: 1_000, ...way }))
          assert.match(failureOf(exit), reason)
        }),
      seconds
    )
  }

  it.live("links come back when the broker does", () =>
    Effect.gen(function*() {
      const { log } = yield* open(site(), { listener: "SASL", tls, sasl: { mechanism: "SCRAM-SHA-512", ...alice } })
      yield* log.append("audit", 0, [{ key: null, value: Buffer.from("1") }])
      const [broker] = site().cluster.brokers
      yield* Effect.promise(() => broker.kill().then(() => broker.restart()))
      const began = yield* Clock.currentTimeMillis
      const { baseOffset } = yield* log.append("audit", 0, [{ key: null, value: Buffer.from("2") }])
      assert.strictEqual(baseOffset, 1)
      assert.isBelow((yield* Clock.currentTimeMillis) - began, 8_000)
    }), seconds)
})
