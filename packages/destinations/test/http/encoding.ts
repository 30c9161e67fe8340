/** What the encoders' properties share: records with names that a service has for itself, and one encoded body. */
import * as fc from "fast-check"
import { readFileSync } from "node:fs"
import path from "node:path"
import type { Encoded, Receiver } from "../../src/Receiver.ts"
import { asRecords } from "../hec/asRecords.ts"
import { anyRecords, usualRecords } from "../record/records.ts"

type Topic = "audit" | "flow"

export interface EncodedText extends Encoded {
  readonly text: string
}

export interface Body {
  readonly requestBytes: number
  readonly nowMillis: number
}

/** More than any test encodes at once; what is left of the body before does no harm. */
const room = new Uint8Array(6_000_000)

/** Fails when the encoder writes behind what it says. */
export const encodeTexts = (encode: Receiver["encode"], texts: ReadonlyArray<string>, body: Body): EncodedText => {
  const into = room.subarray(0, body.requestBytes)
  into.fill(0x3f, 0, texts.reduce((bytes, text) => bytes + 3 * text.length + 1_024, 0))
  const encoded = encode(asRecords(texts), into, body.nowMillis)
  if (encoded.bytes < into.length && into[encoded.bytes] !== 0x3f) throw new Error("written behind the end")
  return { ...encoded, text: Buffer.from(into.subarray(0, encoded.bytes)).toString("utf8") }
}

/** Every way to write the name. */
const spellings = (name: string) =>
  fc.nat({ max: name.length }).map((at) => {
    const escaped = `\\u${name.charCodeAt(at).toString(16).padStart(4, "0")}`
    return at === name.length ? `"${name}"` : `"${name.slice(0, at)}${escaped}${name.slice(at + 1)}"`
  })

const inFront = (member: string, record: string) =>
  /^\{\s*\}$/.test(record) ? `{${member}}` : `{${member},${record.slice(1)}`

/** Members by the names that an encoder has for its own, as names, as values, and inside of others. */
export const recordsWith = (names: ReadonlyArray<string>): fc.Arbitrary<string> =>
  fc.tuple(anyRecords, fc.constantFrom(...names).chain(spellings), fc.nat({ max: 3 })).map(([record, name, where]) => {
    if (where === 0) return inFront(`${name}:[{"a":"}"}]`, record)
    if (where === 1) return inFront(`"other":{${name}:1}`, record)
    return where === 2 ? inFront(`"other":${name}`, record) : record
  })

export const usual = usualRecords

export const samples = (topic: Topic): ReadonlyArray<string> => {
  const name = topic === "audit" ? "s3_audit_export_real.ndjson" : "s3_network_export_synthetic.ndjson"
  return readFileSync(path.join(import.meta.dirname, "../fixtures", name), "utf8")
    .split("\n").filter((line) => line !== "")
}

/** As ingest writes them; `x` gives them a length. */
export const flowRecord = (logged: string, x = ""): string =>
  `{"logged":"${logged}","nodeId":"n1CNTRL","start":"${logged}","end":"${logged}","x":"${x}"}`
