/**
 * Every setting of the process, each declared once. A setting that needs a sentence more is described in
 * `docs/operations/embedded.md`; the table in the README is checked against this file by a test.
 */
import { ByteSize, Context, Effect, Layer, Option } from "effect"
import { isIP } from "node:net"
import { limitSettings } from "./LimitSettings.ts"
import { BrokenSetting, optional, redactedIf, type Setting, withDefault } from "./Setting.ts"

/** Where to listen. `host` is without brackets. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

const listenPattern = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.]+)?)\]|([\w.-]+)):(\d{1,5})$/

/** Reads `127.0.0.1:8080` and `[::1]:8080`. */
export const parseListen = (text: string): Option.Option<ListenAddress> => {
  const [, ipv6, name, port] = listenPattern.exec(text) ?? []
  const host = ipv6 ?? name
  return host === undefined || Number(port) > 65_535 ? Option.none() : Option.some({ host, port: Number(port) })
}

const parseSwitch = (text: string): Option.Option<boolean> => {
  if (["1", "true", "yes", "on"].includes(text.toLowerCase())) return Option.some(true)
  return ["0", "false", "no", "off"].includes(text.toLowerCase()) ? Option.some(false) : Option.none()
}

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
    does: "Folder that holds everything: the log, the encrypted secrets, the spool, the demo's objects.",
    right: "a folder that this user may write",
    parse: file
  }, "./data"),
  listen: withDefault({
    name: "TAILRACE_LISTEN",
    does: "Address and port of the API, the HEC receiver and the metrics. Port 0 takes any free one.",
    right: "ADDRESS:PORT such as 127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080",
    parse: parseListen
  }, "127.0.0.1:8080"),
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
    does: "API key of the Owner of the first tailnet (`tskey-api-…`). An unknown one is added: the way in again.",
    right: "tskey-api- and at least 22 letters or digits",
    secret: true,
    parse: redactedIf(isApiKey)
  }, "made and printed once"),
  demo: withDefault({
    name: "TAILRACE_DEMO",
    does: "Runs the demo: a small S3 server in the data folder, two destinations and a generator of records.",
    right: "1 or 0",
    parse: parseSwitch
  }, "1"),
  masterKey: optional({
    name: "TAILRACE_MASTER_KEY",
    does: "Key that wraps the keys of all stored secrets. Keep a copy: without it the secrets are lost.",
    right: "32 bytes as 64 hex digits or as base64, for example from `openssl rand -hex 32`",
    secret: true,
    parse: redactedIf(isMasterKey)
  }, "a file in the data folder, made at the first start"),
  allowEndpoints: optional({
    name: "TAILRACE_ALLOW_ENDPOINTS",
    does: "Address ranges that destinations may use besides public ones, separated by commas.",
    right: "addresses or ranges such as 10.0.0.0/8,192.168.7.12,fd00::/8",
    parse: parseRanges
  }, "none; the demo allows its own loopback port"),
  lanes: withDefault({
    name: "TAILRACE_LANES",
    does: "Lanes (partitions) of each topic; fixed when the data folder is made.",
    right: `a whole number from 1 to ${maxLanes}`,
    parse: parseLanes
  }, "2"),
  memory: withDefault({
    name: "TAILRACE_MEMORY",
    does: "Resident memory that the process aims to stay under, whatever the backlog.",
    right: "at least 200 MB, for example 350 MB or 1 GiB",
    parse: parseMemory
  }, "350 MB"),
  ...limitSettings
} as const

/** All of them, for the table and for `tailrace config`. */
export const allSettings: ReadonlyArray<Setting<unknown>> = Object.values(settings)

const load = Effect.gen(function*() {
  const read = yield* Effect.all({
    data: settings.data.value,
    listen: settings.listen.value,
    tlsCert: settings.tlsCert.value,
    tlsKey: settings.tlsKey.value,
    bootstrapKey: settings.bootstrapKey.value,
    demo: settings.demo.value,
    masterKey: settings.masterKey.value,
    allowEndpoints: settings.allowEndpoints.value,
    lanes: settings.lanes.value,
    memory: settings.memory.value
  })
  const limits = yield* Effect.all({
    objectSize: settings.objectSize.value,
    requestSize: settings.requestSize.value,
    legMemory: settings.legMemory.value,
    retryFirst: settings.retryFirst.value,
    retryLongest: settings.retryLongest.value,
    probeFirst: settings.probeFirst.value,
    probeLongest: settings.probeLongest.value,
    drain: settings.drain.value
  })
  const { tlsCert, tlsKey, ...others } = read
  return { ...others, limits, tls: yield* bothOrNone(tlsCert, tlsKey) }
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

/** The settings in effect, read once at the start. */
export class Settings extends Context.Service<Settings, Effect.Success<typeof load>>()("@tailrace/tailrace/Settings") {
  static readonly layer = Layer.effect(Settings, load)
}

/**
 * The table of the README, as Markdown.
 *
 * @example
 * ```ts
 * settingsTable() // "| setting | default | what it does |\n…"
 * ```
 */
export const settingsTable = (): string =>
  [
    "| setting | default | what it does |",
    "| --- | --- | --- |",
    ...allSettings.map(({ name, fallback, does }) => `| \`${name}\` | ${fallback} | ${does} |`)
  ].join("\n")

export { type Shown, shown } from "./Setting.ts"
