// Each setting with a right and a wrong value, and the line that a wrong one makes. Secrets never come back.
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Option, Redacted } from "effect"
import type { App } from "../src/settings/App.ts"
import { loadAws } from "../src/settings/AwsSettings.ts"
import { parseListen } from "../src/settings/ListenAddress.ts"
import { shown } from "../src/settings/Setting.ts"
import { Settings, settings, settingsTable } from "../src/settings/Settings.ts"

const withEnvironment = (env: Record<string, string>) =>
  Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))

const load = (env: Record<string, string>, app: App = "tailrace") =>
  Settings.pipe(Effect.provide(Settings.layer(app), { local: true }), withEnvironment(env))

const key = `tskey-api-${"a1".repeat(12)}`
const secret = "not-a-key-but-secret"

const broken: ReadonlyArray<readonly [name: string, given: string, line: string]> = [
  ["TAILRACE_LISTEN", "8080", "TAILRACE_LISTEN cannot be \"8080\"; right is ADDRESS:PORT such as 127.0.0.1:8080"],
  ["TAILRACE_LISTEN", "127.0.0.1:70000", "TAILRACE_LISTEN cannot be \"127.0.0.1:70000\""],
  ["TAILRACE_LISTEN", "::1:8080", "TAILRACE_LISTEN cannot be \"::1:8080\""],
  ["TAILRACE_DEMO", "perhaps", "TAILRACE_DEMO cannot be \"perhaps\"; right is 1 or 0"],
  ["TAILRACE_LANES", "0", "TAILRACE_LANES cannot be \"0\"; right is a whole number from 1 to 64"],
  ["TAILRACE_LANES", "1.5", "TAILRACE_LANES cannot be \"1.5\""],
  ["TAILRACE_LANES", "65", "TAILRACE_LANES cannot be \"65\""],
  ["TAILRACE_MEMORY", "10 MB", "TAILRACE_MEMORY cannot be \"10 MB\"; right is at least 200 MB"],
  ["TAILRACE_MEMORY", "much", "TAILRACE_MEMORY cannot be \"much\""],
  ["TAILRACE_OBJECT_SIZE", "1", "TAILRACE_OBJECT_SIZE cannot be \"1\"; right is from 64 KiB to 1 GiB"],
  ["TAILRACE_RETRY_FIRST", "soon", "TAILRACE_RETRY_FIRST cannot be \"soon\"; right is from 10 millis to 1 hour"],
  ["TAILRACE_PROBE_LONGEST", "2 days", "TAILRACE_PROBE_LONGEST cannot be \"2 days\""],
  ["TAILRACE_DRAIN", "0 seconds", "TAILRACE_DRAIN cannot be \"0 seconds\""],
  ["TAILRACE_ALLOW_ENDPOINTS", "10.0.0.0/8,example.com", "TAILRACE_ALLOW_ENDPOINTS cannot be"],
  ["TAILRACE_ALLOW_ENDPOINTS", "10.0.0.0/33", "TAILRACE_ALLOW_ENDPOINTS cannot be \"10.0.0.0/33\""],
  ["TAILRACE_BOOTSTRAP_KEY", secret, "TAILRACE_BOOTSTRAP_KEY cannot be what is set (not shown here)"],
  ["TAILRACE_MASTER_KEY", secret, "TAILRACE_MASTER_KEY cannot be what is set (not shown here)"],
  ["TAILRACE_AWS_ACCOUNT_ID", "1234", "TAILRACE_AWS_ACCOUNT_ID cannot be \"1234\"; right is 12 digits"],
  ["TAILRACE_AWS_ACCOUNT_ID", "123456789012", "TAILRACE_AWS_ACCESS_KEY_ID is absent"],
  ["TAILRACE_AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", "TAILRACE_AWS_ACCOUNT_ID is absent"],
  ["TAILRACE_AWS_SECRET_ACCESS_KEY", "short", "TAILRACE_AWS_SECRET_ACCESS_KEY cannot be what is set (not shown here)"],
  [
    "TAILRACE_NOTICE_WEBHOOK",
    "ftp://hooks.acme.io/x?secret",
    "TAILRACE_NOTICE_WEBHOOK cannot be what is set (not shown"
  ],
  ["TAILRACE_NOTICE_SECRET", "short", "TAILRACE_NOTICE_SECRET cannot be what is set (not shown here)"],
  ["TAILRACE_NOTICE_SECRET", "sixteen-characters", "TAILRACE_NOTICE_WEBHOOK is absent"],
  ["TAILRACE_SMTP_URL", "mail.acme.io", "TAILRACE_SMTP_URL cannot be what is set (not shown here)"],
  ["TAILRACE_SMTP_URL", "smtp://mail.acme.io", "TAILRACE_NOTICE_FROM is absent"],
  ["TAILRACE_NOTICE_FROM", "Tailrace", "TAILRACE_NOTICE_FROM cannot be \"Tailrace\""],
  ["TAILRACE_NOTICE_TO", "a@acme.io b@acme.io", "TAILRACE_NOTICE_TO cannot be"],
  ["TAILRACE_NOTICE_TO", "a@acme.io, b@acme.io", "TAILRACE_SMTP_URL is absent"],
  ["TAILRACE_TLS_CERT", "cert.pem", "TAILRACE_TLS_KEY is absent"],
  ["TAILRACE_TLS_KEY", "key.pem", "TAILRACE_TLS_CERT is absent"]
]

describe("Settings", () => {
  it.effect("defaults", () =>
    Effect.gen(function*() {
      const read = yield* load({})
      assert.deepStrictEqual(read, {
        app: "tailrace",
        data: "./data",
        listen: { host: "127.0.0.1", port: 8080 },
        tls: Option.none(),
        aws: Option.none(),
        notices: { webhook: Option.none(), mail: Option.none() },
        bootstrapKey: Option.none(),
        demo: true,
        masterKey: Option.none(),
        allowEndpoints: Option.none(),
        lanes: Option.none(),
        kafka: Option.none(),
        memory: 350_000_000,
        limits: {
          objectSize: 64 * 2 ** 20,
          requestSize: 32 * 2 ** 20,
          legMemory: 8 * 2 ** 20,
          retryFirst: 1000,
          retryLongest: 300_000,
          probeFirst: 60_000,
          probeLongest: 3_600_000,
          drain: 10_000
        }
      })
    }))

  it.effect("given values", () =>
    Effect.gen(function*() {
      const read = yield* load({
        TAILRACE_LISTEN: "[::1]:0",
        TAILRACE_DEMO: "0",
        TAILRACE_BOOTSTRAP_KEY: key,
        TAILRACE_ALLOW_ENDPOINTS: "10.0.0.0/8, fd00::/8",
        TAILRACE_MEMORY: "1 GiB",
        TAILRACE_DATA: " ",
        TAILRACE_TLS_CERT: "c.pem",
        TAILRACE_TLS_KEY: "k.pem"
      })
      assert.deepStrictEqual(read.listen, { host: "::1", port: 0 })
      assert.strictEqual(read.demo, false)
      assert.strictEqual(Redacted.value(Option.getOrThrow(read.bootstrapKey)), key)
      assert.deepStrictEqual(read.allowEndpoints, Option.some("10.0.0.0/8, fd00::/8"))
      assert.strictEqual(read.memory, 2 ** 30)
      assert.strictEqual(read.data, "./data", "blank counts as absent")
      assert.deepStrictEqual(read.tls, Option.some({ cert: "c.pem", key: "k.pem" }))
    }))

  it.effect("who this installation is to AWS, but not for ingest", () =>
    Effect.gen(function*() {
      const environment = {
        TAILRACE_AWS_ACCOUNT_ID: "123456789012",
        TAILRACE_AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
        TAILRACE_AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
      }
      const { account, keys, stsEndpoint } = Option.getOrThrow((yield* load(environment)).aws)
      assert.deepStrictEqual([account, stsEndpoint], ["123456789012", "https://sts.us-east-1.amazonaws.com"])
      assert.strictEqual(Redacted.value(keys.secretAccessKey), environment.TAILRACE_AWS_SECRET_ACCESS_KEY)
      assert.isTrue(Option.isNone(yield* loadAws("ingest").pipe(withEnvironment(environment))))
      const broken = yield* Effect.flip(load({ ...environment, TAILRACE_STS_ENDPOINT: "sts.amazonaws.com" }))
      assert.include(broken.message, "TAILRACE_STS_ENDPOINT cannot be \"sts.amazonaws.com\"")
    }))

  for (const [name, given, line] of broken) {
    it.effect(`broken ${name}=${given === secret ? "…" : given}`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(load({ [name]: given }))
        assert.isTrue(error.message.startsWith(line), error.message)
        assert.notInclude(error.message, secret)
        assert.notInclude(error.message, "\n")
      }))
  }

  it.effect("shown: secrets are masked", () =>
    Effect.gen(function*() {
      const line = yield* shown(settings.bootstrapKey)
      assert.deepStrictEqual(line, {
        name: "TAILRACE_BOOTSTRAP_KEY",
        value: "(set, not shown)",
        source: "environment"
      })
      assert.strictEqual((yield* shown(settings.memory)).value, "350 MB")
    }).pipe(withEnvironment({ TAILRACE_BOOTSTRAP_KEY: key })))

  it.effect("durations and sizes", () =>
    Effect.gen(function*() {
      const { limits } = yield* load({
        TAILRACE_DRAIN: "1.5 minutes",
        TAILRACE_RETRY_FIRST: "20millis",
        TAILRACE_LEG_MEMORY: "1 MB"
      })
      assert.deepStrictEqual([limits.drain, limits.retryFirst, limits.legMemory], [90_000, 20, 1_000_000])
    }))

  it("listen addresses", () => {
    assert.deepStrictEqual(parseListen("localhost:1"), Option.some({ host: "localhost", port: 1 }))
    assert.deepStrictEqual(parseListen("[fe80::1%eth0]:9"), Option.some({ host: "fe80::1%eth0", port: 9 }))
    assert.deepStrictEqual(parseListen(""), Option.none())
  })

  it("one row a setting", () => {
    assert.strictEqual(settingsTable().split("\n").length, Object.keys(settings).length + 2)
  })
})
