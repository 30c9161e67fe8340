/**
 * The limits that an operator may move: sizes, retries, the drain. Their defaults are the decisions of
 * `docs/delivery.md`; what a process does with them is in `delivering/`, `ingesting/` and `Listen.ts`.
 */
import { ByteSize, Option } from "effect"
import type { App } from "./App.ts"
import { withDefault } from "./Setting.ts"

const KiB = 1024
const MiB = 1024 * KiB

interface Range {
  readonly least: number
  readonly most: number
}

const within = ({ least, most }: Range) => (value: number): boolean => value >= least && value <= most

const parseSize = (range: Range) => (text: string): Option.Option<number> =>
  ByteSize.fromString(text).pipe(Option.flatMap(ByteSize.toNumber), Option.filter(within(range)))

const second = 1000
const hour = 3600 * second
const units = { milli: 1, second, minute: 60 * second, hour } as const

const isUnit = (text: string | undefined): text is keyof typeof units => text !== undefined && text in units

/** `10 seconds`, `1.5 minutes`, `1 hour`; in milliseconds. */
const parseDuration = (range: Range) => (text: string): Option.Option<number> => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ?(milli|second|minute|hour)s?$/.exec(text) ?? []
  const millis = isUnit(unit) ? Number(amount) * units[unit] : Number.NaN
  return Option.filter(Option.some(millis), within(range))
}

interface DurationSetting extends Range {
  readonly name: string
  readonly of?: ReadonlyArray<App>
  readonly does: string
  readonly right: string
}

const duration = (setting: DurationSetting, fallback: string) =>
  withDefault({ ...setting, parse: parseDuration(setting) }, fallback)

export const limitSettings = {
  objectSize: withDefault({
    name: "TAILRACE_OBJECT_SIZE",
    of: ["delivery"],
    does: "Compressed size at which an upload period is split into several objects; less if memory is short.",
    right: "from 64 KiB to 1 GiB, for example 64 MiB",
    parse: parseSize({ least: 64 * KiB, most: 1024 * MiB })
  }, "64 MiB"),
  requestSize: withDefault({
    name: "TAILRACE_REQUEST_SIZE",
    of: ["ingest"],
    does: "Largest body of an ingest request, uncompressed. A record is at most 1 MiB.",
    right: "from 1 MiB to 256 MiB, for example 32 MiB",
    parse: parseSize({ least: MiB, most: 256 * MiB })
  }, "32 MiB"),
  legMemory: withDefault({
    name: "TAILRACE_LEG_MEMORY",
    of: ["delivery"],
    does: "Compressed records that one destination keeps in memory on one lane; more is spooled to the data folder.",
    right: "from 64 KiB to 256 MiB, for example 8 MiB",
    parse: parseSize({ least: 64 * KiB, most: 256 * MiB })
  }, "8 MiB"),
  retryFirst: duration({
    name: "TAILRACE_RETRY_FIRST",
    of: ["delivery"],
    does: "Longest pause after the first failed attempt; it doubles with each, and a random share of it is waited.",
    right: "from 10 millis to 1 hour, for example 1 second",
    least: 10,
    most: hour
  }, "1 second"),
  retryLongest: duration({
    name: "TAILRACE_RETRY_LONGEST",
    of: ["delivery"],
    does: "Longest pause between two attempts.",
    right: "from 10 millis to 24 hours, for example 5 minutes",
    least: 10,
    most: 24 * hour
  }, "5 minutes"),
  probeFirst: duration({
    name: "TAILRACE_PROBE_FIRST",
    of: ["delivery"],
    does: "Pause before a suspended destination is tried again for the first time; it doubles with each.",
    right: "from 100 millis to 24 hours, for example 1 minute",
    least: 100,
    most: 24 * hour
  }, "1 minute"),
  probeLongest: duration({
    name: "TAILRACE_PROBE_LONGEST",
    of: ["delivery"],
    does: "Longest pause between two tries of a suspended destination.",
    right: "from 100 millis to 24 hours, for example 1 hour",
    least: 100,
    most: 24 * hour
  }, "1 hour"),
  drain: duration({
    name: "TAILRACE_DRAIN",
    does: "How long a stopping process waits for requests under way, in and out.",
    right: "from 100 millis to 1 hour, for example 10 seconds",
    least: 100,
    most: hour
  }, "10 seconds")
} as const
