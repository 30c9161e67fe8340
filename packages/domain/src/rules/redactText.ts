/**
 * Redaction of a record's text by ranges: what is not meant stays byte for byte, so numbers that JavaScript cannot
 * hold, escapes, spaces and repeated members survive.
 */
import { afterValue, canonical, endOfString, endOfValue, skipSpace } from "./JsonText.ts"
import type { Redaction, RedactionKind } from "./Rules.ts"

/** A place in the tree of fields; with `how`, what lies within is not looked at. */
interface Field {
  how: RedactionKind | null
  readonly members: Map<string, Field>
}

interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** Keyed: nobody without the key can tell which value it is of. Text of the same value, same answer. */
export type KeyedHash = (value: string) => string

/** Arrays within arrays that are followed; what lies deeper is masked as a whole. */
const maxDepth = 32

const mask = "\"***\""

const addField = (root: Field, { field, how }: Redaction): void => {
  let place = root
  for (const name of field.split(".")) {
    const inner = place.members.get(name) ?? { how: null, members: new Map() }
    place.members.set(name, inner)
    place = inner
  }
  place.how = how
}

const keyAt = (text: string, from: number, to: number): string => {
  const raw = text.slice(from, to)
  return raw.includes("\\") ? String(JSON.parse(raw)) : raw.slice(1, -1)
}

/** Strings as their text, other values as their JSON. */
const hashed = (json: string, hash: KeyedHash): string =>
  JSON.stringify(hash(json[0] === "\"" ? String(JSON.parse(json)) : canonical(json)))

class Pass {
  readonly edits: Array<Edit> = []
  private readonly text: string
  private readonly hash: KeyedHash

  constructor(text: string, hash: KeyedHash) {
    this.text = text
    this.hash = hash
  }

  /** Each of these answers the place behind the value at `at`. */
  object(at: number, field: Field, depth: number): number {
    const { text } = this
    let keptEnd = -1
    let next = skipSpace(text, at + 1)
    while (text[next] !== "}") {
      const from = next
      const keyEnd = endOfString(text, from)
      const valueAt = skipSpace(text, skipSpace(text, keyEnd) + 1)
      const inner = field.members.get(keyAt(text, from, keyEnd))
      const end = inner === undefined ? endOfValue(text, valueAt) : this.value(valueAt, inner, depth)
      next = afterValue(text, end)
      if (inner?.how !== "drop") keptEnd = end
      else if (keptEnd < 0) this.edits.push({ from, to: next, text: "" })
      else {
        this.edits.push({ from: keptEnd, to: end, text: "" })
        keptEnd = end
      }
    }
    return next + 1
  }

  private value(at: number, field: Field, depth: number): number {
    const { text } = this
    const { how } = field
    if (how === "drop") return endOfValue(text, at)
    if (text[at] === "[") return this.array(at, field, depth + 1)
    if (how !== null) return this.replace(at, how)
    return text[at] === "{" ? this.object(at, field, depth) : endOfValue(text, at)
  }

  private array(at: number, field: Field, depth: number): number {
    const { text } = this
    if (depth > maxDepth) return this.replace(at, "mask")
    let next = skipSpace(text, at + 1)
    while (text[next] !== "]") next = afterValue(text, this.value(next, field, depth))
    return next + 1
  }

  private replace(at: number, how: "mask" | "hash"): number {
    const end = endOfValue(this.text, at)
    const text = how === "mask" ? mask : hashed(this.text.slice(at, end), this.hash)
    this.edits.push({ from: at, to: end, text })
    return end
  }
}

/** In the order of the text, none within another. */
const applied = (text: string, edits: ReadonlyArray<Edit>): string => {
  let at = 0
  const parts: Array<string> = []
  for (const edit of edits) {
    parts.push(text.slice(at, edit.from), edit.text)
    at = edit.to
  }
  parts.push(text.slice(at))
  return parts.join("")
}

/** Compiles redactions into a function of a valid JSON object's text; the same text if nothing of it is meant. */
export const redactor = (redactions: ReadonlyArray<Redaction>, hash: KeyedHash): (text: string) => string => {
  const root: Field = { how: null, members: new Map() }
  for (const redaction of redactions) addField(root, redaction)
  return (text) => {
    const pass = new Pass(text, hash)
    pass.object(skipSpace(text, 0), root, 0)
    return pass.edits.length === 0 ? text : applied(text, pass.edits)
  }
}
