/**
 * The rules of a destination as a function on records, compiled once: filters first, then redaction. Only here is a
 * record parsed, and only for a destination that has rules. Pure: the same rules, key and bytes give the same bytes
 * for ever, since a sealed object is made again from them.
 */
import { someMatch } from "./matchRecord.ts"
import { isPart, type Part } from "./RecordParts.ts"
import { type KeyedHash, redactor } from "./redactText.ts"
import type { Rules } from "./Rules.ts"

/**
 * What becomes of a record: the very same array if it is not touched, other bytes in the export form, null if it is
 * filtered; a text says why no rule can be applied to it: then it must not be sent, but quarantined.
 */
export type Ruling = Uint8Array | string | null

/** `value` is one record in the export form: a JSON object, `logged` first. */
export type RecordRules = (value: Uint8Array) => Ruling

/** Hashes are longer than what they stand for: beyond this size a record is refused. */
export const maxRuledBytes = 2_097_152

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

const read = (value: Uint8Array): string | undefined => {
  try {
    return decoder.decode(value)
  } catch {
    return undefined
  }
}

const parse = (text: string): Part | undefined => {
  try {
    const record: unknown = JSON.parse(text)
    return isPart(record) ? record : undefined
  } catch {
    return undefined
  }
}

/**
 * @param hash keyed with the tailnet's own key
 *
 * @example
 * ```ts
 * const rules = recordRules({ except: [{ events: ["*.LOGIN"] }], redact: [{ field: "actor.id", how: "mask" }] }, hash)
 * rules(record) // => null, the same record, or another one
 * ```
 */
export const recordRules = ({ except, only, redact }: Rules, hash: KeyedHash): RecordRules => {
  const isWanted = someMatch(only, true)
  const isUnwanted = someMatch(except, false)
  const redacted = redact === undefined ? undefined : redactor(redact, hash)
  return (value) => {
    const text = read(value)
    if (text === undefined) return "not UTF-8: its rules cannot be applied"
    const record = parse(text)
    if (record === undefined) return "not a JSON object: its rules cannot be applied"
    if (!isWanted(record) || isUnwanted(record)) return null
    const result = redacted === undefined ? text : redacted(text)
    if (result === text) return value
    const bytes = encoder.encode(result)
    return bytes.length > maxRuledBytes ? `over ${maxRuledBytes} bytes once it is redacted` : bytes
  }
}
