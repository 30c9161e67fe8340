/**
 * Every setting of every app, each declared once, and what an app makes of them. What needs a sentence more is in
 * `docs/operations/`; the table in the README is checked against this file by a test.
 */
import { ByteSize, Context, Effect, Layer, Option } from "effect"
import { isIP } from "node:net"
import { type App, usualListen } from "./App.ts"
import { awsSettings, loadAws } from "./AwsSettings.ts"
import { kafkaSettings } from "./KafkaSettings.ts"
import { limitSettings } from "./LimitSettings.ts"
import { parseListen } from "./ListenAddress.ts"
import { type KafkaSettings, loadKafka } from "./LoadKafka.ts"
import { loadNotices, noticeSettings } from "./NoticeSettings.ts"
import { BrokenSetting, needed, optional, redactedIf, type Setting, withDefault } from "./Setting.ts"
import { parseSwitch } from "./Switch.ts"

const maxLanes = 64

const parseLanes = (text: string): Option.Option<number> =>
  /^[1-9]\d?$/.test(text) && Number(text) <= maxLanes ? Option.some(Number(text)) : Option.none()

/** Below this the process itself does not fit. */
const leastMemory = 200_000_000

const parseMemory = (text: string): Option.Option<number> =>
  ByteSize.fromString(text).pipe(
    Option.flatMap(ByteSize.toNumber),
    Option.filter((bytes) => bytes >= leastMemory)
  )

const isRange = (text: string): boolean => {
  const [address = "", bits] = text.split("/")
  const family = isIP(address)
  if (family === 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

/** As text: the guard reads it once more into its own form. */
const parseRanges = (text: string): Option.Option<string> =>
  text.split(",").map((part) => part.trim()).every(isRange) ? Option.some(text) : Option.none()

const isMasterKey = (text: string): boolean => /^[0-9a-fA-F]{64}$/.test(text) || /^[A-Za-z0-9+/_-]{43}=?$/.test(text)

const isApiKey = (text: string): boolean => /^tskey-api-[A-Za-z0-9]+(?:-[A-Za-z0-9]+)?$/.test(text) && text.length >= 32

const file = (text: string): Option.Option<string> => Option.some(text)

/** In the order of the table. */
export const settings = {
  data: withDefault({
    name: "TAILRACE_DATA",
    of: ["delivery"],
    does: "Folder of the log, the encrypted secrets, the spool and the demo's objects. On Kafka only of the spool.",
    right: "a folder that this user may write",
    parse: file
  }, "./data"),
  listen: optional({
    name: "TAILRACE_LISTEN",
    does: "Address and port of the API, the HEC receiver and the metrics. Port 0 takes any free one.",
    right: "ADDRESS:PORT such as 127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080",
    parse: parseListen
  }, "127.0.0.1:8080; ingest 8088, delivery 8089"),
  tlsCert: optional({
    name: "TAILRACE_TLS_CERT",
    does: "Certificate chain (PEM file). With `TAILRACE_TLS_KEY` the process speaks HTTPS only.",
    right: "a PEM file that this user may read",
    parse: file
  }, "plain HTTP"),
  tlsKey: optional({
    name: "TAILRACE_TLS_KEY",
    does: "Private key of the certificate (PEM file).",
    right: "a PEM file that this user may read",
    parse: file
  }, "plain HTTP"),
  bootstrapKey: optional({
    name: "TAILRACE_BOOTSTRAP_KEY",
    of: ["control"],
    does: "API key of the Owner of the first tailnet (`tskey-api-…`). An unknown one is added: the way in again.",
    right: "tskey-api- and at least 22 letters or digits",
    secret: true,
    parse: redactedIf(isApiKey)
  }, "made and printed once"),
  demo: optional({
    name: "TAILRACE_DEMO",
    of: [],
    does: "Runs the demo: a small S3 server in the data folder, two destinations and a generator of records.",
    right: "1 or 0",
    parse: parseSwitch
  }, "1; on Kafka 0"),
  masterKey: optional({
    name: "TAILRACE_MASTER_KEY",
    of: ["control", "delivery"],
    does: "Key that wraps the keys of all stored secrets. Keep a copy: without it the secrets are lost.",
    right: "32 bytes as 64 hex digits or as base64, for example from `openssl rand -hex 32`",
    secret: true,
    parse: redactedIf(isMasterKey)
  }, "a file in the data folder, made at the first start; required on Kafka"),
  allowEndpoints: optional({
    name: "TAILRACE_ALLOW_ENDPOINTS",
    of: ["control", "delivery"],
    does: "Address ranges that destinations may use besides public ones, separated by commas.",
    right: "addresses or ranges such as 10.0.0.0/8,192.168.7.12,fd00::/8",
    parse: parseRanges
  }, "none; the demo allows its own loopback port"),
  lanes: optional({
    name: "TAILRACE_LANES",
    does: "Lanes (partitions) of each topic; fixed when the data folder or the topics are made.",
    right: `a whole number from 1 to ${maxLanes}`,
    parse: parseLanes
  }, "2; on Kafka those that are there, or 12"),
  memory: withDefault({
    name: "TAILRACE_MEMORY",
    of: ["delivery"],
    does: "Resident memory that the process aims to stay under, whatever the backlog.",
    right: "at least 200 MB, for example 350 MB or 1 GiB",
    parse: parseMemory
  }, "350 MB"),
  ...limitSettings,
  ...awsSettings,
  ...noticeSettings,
  ...kafkaSettings
} as const

/** All of them, for the table and for `tailrace config`. */
export const allSettings: ReadonlyArray<Setting<unknown>> = Object.values(settings)

const loadLimits = Effect.all({
  objectSize: settings.objectSize.value,
  requestSize: settings.requestSize.value,
  legMemory: settings.legMemory.value,
  retryFirst: settings.retryFirst.value,
  retryLongest: settings.retryLongest.value,
  probeFirst: settings.probeFirst.value,
  probeLongest: settings.probeLongest.value,
  drain: settings.drain.value
})

const loadTls = Effect.gen(function*() {
  return yield* bothOrNone(yield* settings.tlsCert.value, yield* settings.tlsKey.value)
})

/** Only `tailrace` has a log of its own. */
const clusterOf = Effect.fnUntraced(function*(app: App) {
  if (app !== "tailrace") {
    yield* needed(settings.kafkaBrokers, `${app} shares its log with other processes; tailrace alone needs no Kafka`)
  }
  return yield* loadKafka
})

/** Every process of an installation must have the same key; ingest opens no secret and shall not have it. */
const masterKeyOf = (app: App, kafka: Option.Option<KafkaSettings>) =>
  Option.isSome(kafka) && app !== "ingest"
    ? Effect.asSome(needed(settings.masterKey, "all processes on Kafka need the same one"))
    : settings.masterKey.value

const load = Effect.fnUntraced(function*(app: App) {
  const read = yield* Effect.all({
    data: settings.data.value,
    bootstrapKey: settings.bootstrapKey.value,
    allowEndpoints: settings.allowEndpoints.value,
    lanes: settings.lanes.value,
    memory: settings.memory.value
  })
  const listen = Option.orElse(yield* settings.listen.value, () => parseListen(usualListen[app]))
  const demo = yield* settings.demo.value
  const kafka = yield* clusterOf(app)
  return {
    ...read,
    app,
    listen: Option.getOrThrow(listen),
    demo: app === "tailrace" && Option.getOrElse(demo, () => Option.isNone(kafka)),
    masterKey: yield* masterKeyOf(app, kafka),
    kafka,
    tls: yield* loadTls,
    aws: yield* loadAws(app),
    notices: yield* loadNotices(app),
    limits: yield* loadLimits
  }
})

/** Where the certificate and its key lie. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

const bothOrNone = (
  cert: Option.Option<string>,
  key: Option.Option<string>
): Effect.Effect<Option.Option<TlsFiles>, BrokenSetting> => {
  if (Option.isSome(cert) === Option.isSome(key)) return Effect.succeed(Option.all({ cert, key }))
  const [absent, other] = Option.isSome(cert)
    ? [settings.tlsKey, settings.tlsCert]
    : [settings.tlsCert, settings.tlsKey]
  return Effect.fail(
    new BrokenSetting({ name: absent.name, given: "absent", right: `${absent.right}, because ${other.name} is set` })
  )
}

type Loaded = Effect.Success<ReturnType<typeof load>>

/** The settings in effect, read once at the start. */
export class Settings extends Context.Service<Settings, Loaded>()("@tailrace/process/Settings") {
  static readonly layer = (app: App) => Layer.effect(Settings, load(app))
}

/** Those that an app reads. */
export const settingsOf = (app: App): ReadonlyArray<Setting<unknown>> =>
  allSettings.filter(({ of }) => app === "tailrace" || of === undefined || of.includes(app))

const readers = ({ of }: Setting<unknown>): string => {
  if (of === undefined) return "all"
  return of.length === 0 ? "tailrace" : of.join(", ")
}

/**
 * The table of the README, as Markdown.
 *
 * @example
 * ```ts
 * settingsTable() // "| setting | default | for | what it does |\n…"
 * ```
 */
export const settingsTable = (): string =>
  [
    "| setting | default | for | what it does |",
    "| --- | --- | --- | --- |",
    ...allSettings.map((setting) =>
      `| \`${setting.name}\` | ${setting.fallback} | ${readers(setting)} | ${setting.does} |`
    )
  ].join("\n")
