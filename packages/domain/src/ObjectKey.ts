/**
 * Names of objects. The key is the time of the seal; a leg's keys always rise, whatever the clock does, and sort in
 * the order of the records. The lanes of one destination share out the numbers behind a time, so that no two of them
 * ever want the same key: not every store that knows `If-None-Match` keeps two that want it at once apart.
 * Sources: Tailscale's log streaming page (`documented`), observed exports (`live`).
 */
import type { Codec, KeyLayout } from "./Destination.ts"

export interface KeyOptions {
  readonly prefix: string
  readonly layout: KeyLayout
  readonly codec: Codec
  /** Time of the seal in epoch milliseconds. */
  readonly millis: number
  /** The leg's last key, if any: the new one sorts after it. */
  readonly last: string | null
  /** The leg's share of the numbers behind a time: `n`, `n + of`, `n + 2 of` …; 0 is none. All of them by default. */
  readonly share?: { readonly n: number; readonly of: number }
  /** Short seal id, where the store cannot be asked whose object a key is. */
  readonly id: string | null
  /** What the object holds: records, or the note that an upload period had none. */
  readonly content?: "records" | "manifest"
}

const suffixOfCodec = { none: "", zstd: ".zst", gzip: ".gz" } as const satisfies Record<Codec, string>

/** `n` so that texts sort as numbers do: 1 … 9, a10 … a99, b100 … */
const ordinal = (n: number): string => {
  const digits = `${n}`
  return digits.length === 1 ? digits : String.fromCharCode(95 + digits.length) + digits
}

const stemOf = (layout: KeyLayout, millis: number): string => {
  const time = new Date(millis).toISOString()
  const [day, clock] = [time.slice(0, 10), time.slice(11, 19)]
  const folder = day.replaceAll("-", "/")
  return layout === "documented" ? `${folder}/${clock}` : `${folder}/${day}-${clock.replaceAll(":", "-")}`
}

const patterns = {
  documented: /^(\d{4}\/\d\d\/\d\d\/\d\d:\d\d:\d\d)(?:_[a-o]?(\d+))?[-.]/,
  live: /^(\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?:_[a-o]?(\d+))?[-.]/
} as const satisfies Record<KeyLayout, RegExp>

const parse = (options: KeyOptions): { readonly stem: string; readonly n: number } | null => {
  if (options.last === null || !options.last.startsWith(options.prefix)) return null
  const found = patterns[options.layout].exec(options.last.slice(options.prefix.length))
  return found === null ? null : { stem: found[1] ?? "", n: Number(found[2] ?? 0) }
}

const everything = { n: 0, of: 1 }

/** The leg's first number from `least` on. */
const numberFrom = (least: number, { n, of }: { readonly n: number; readonly of: number }): number =>
  least <= n ? n : n + Math.ceil((least - n) / of) * of

/**
 * @example
 * ```ts
 * const now = { millis: 1713789296000, last: null, id: null }
 * objectKey({ prefix: "audit-logs/", layout: "documented", codec: "zstd", ...now })
 * // => "audit-logs/2024/04/22/12:34:56.json.zst"
 * ```
 */
export const objectKey = (options: KeyOptions): string => {
  const stem = stemOf(options.layout, options.millis)
  const last = parse(options)
  const later = last === null || stem > last.stem
  const n = numberFrom(later ? 0 : last.n + 1, options.share ?? everything)
  const numbered = (later ? stem : last.stem) + (n === 0 ? "" : `_${ordinal(n)}`)
  const id = options.id === null ? "" : `-${options.id}`
  const manifest = options.content === "manifest" ? ".manifest" : ""
  const extension = options.layout === "documented" ? ".json" : ".ndjson"
  return options.prefix + numbered + id + manifest + extension + suffixOfCodec[options.codec]
}

/** `Content-Type` of an object; never with `Content-Encoding`, so that no client decompresses unasked. */
export const contentTypeOf = {
  none: "application/x-ndjson",
  zstd: "application/zstd",
  gzip: "application/gzip"
} as const satisfies Record<Codec, string>
