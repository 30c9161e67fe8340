/** Every object in every bucket: explained by the ledger, and with exactly the content that log and seal give it. */
import { tailnetOfKey, topicOf } from "@tailrace/domain"
import { createHash } from "node:crypto"
import { type Bucket, sealOf, type StoredObject } from "../world/Buckets.ts"
import { textOf, type Written } from "../world/History.ts"
import { uncompressed } from "../world/SimCompression.ts"
import type { World } from "../world/World.ts"
import type { Destinations, Known } from "./Destinations.ts"
import type { Legs, Report, SealState } from "./Legs.ts"

/** A record of a destination's tailnet. */
export const isOf = (record: Written, known: Known): boolean =>
  record.key !== null && tailnetOfKey(record.key) === known.tailnet

const parse = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

/** One JSON object on one line. */
export const isValid = (record: Written): boolean => {
  const text = textOf(record.value)
  const value = parse(text)
  return text.startsWith("{") && text.endsWith("}") && !text.includes("\n")
    && typeof value === "object" && value !== null && !Array.isArray(value)
}

/** The line is the record: as it is, or with `logged` put in from the record's append time. */
export const isLineOf = (line: string, record: Written): boolean => {
  const raw = textOf(record.value)
  if (line === raw) return true
  const value = parse(line)
  const origin = parse(raw)
  if (typeof value !== "object" || value === null || typeof origin !== "object" || origin === null) return false
  if ("logged" in origin || !("logged" in value)) return false
  const { logged, ...rest } = value
  return JSON.stringify(rest) === JSON.stringify(origin) && Date.parse(String(logged)) === record.time
}

interface Place {
  readonly world: World
  readonly known: Known
  readonly state: SealState
}

/** The records of a seal, by log and seal alone. */
export const recordsOf = ({ known, state, world }: Place): ReadonlyArray<Written> => {
  const { from, skipped, to } = state.seal
  return world.history.records(topicOf[known.logType], state.lane)
    .filter((record) => record.offset >= from && record.offset < to && isOf(record, known))
    .filter((record) => !skipped.includes(record.offset))
}

const checkContent = (place: Place, object: StoredObject, report: Report): void => {
  const { seal } = place.state
  const name = `${object.key} of seal ${seal.id}`
  const content = uncompressed(seal.codec, object.body)
  if (content === undefined) return report("same content", `${name} is not ${seal.codec}`)
  if (createHash("sha256").update(content).digest("hex") !== seal.contentSha256) {
    report("same content", `${name} has another content than its seal says`)
  }
  // What a seal was made of stands there no more; that its object is just that has been seen above.
  if (place.world.broken.has(place.state.lane)) return
  const expected = recordsOf(place)
  if (seal.count !== expected.length) {
    report("same content", `${name}: sealed ${seal.count} records, the log has ${expected.length}`)
  }
  if (seal.count === 0) return
  const lines = textOf(content).split("\n")
  if (lines.pop() !== "") report("same content", `${name} does not end with a newline`)
  if (lines.length !== expected.length) {
    report("same content", `${name} has ${lines.length} lines, not ${expected.length}`)
  }
  expected.forEach((record, index) => {
    const line = lines[index] ?? ""
    if (!isLineOf(line, record)) report("same content", `${name} line ${index} is not the record at ${record.offset}`)
  })
}

const checkObject = (
  { bucket, destinations, legs, world }: Checking,
  object: StoredObject,
  report: Report
): void => {
  const id = sealOf(object)
  if (object.foreign || id === undefined) return
  const state = legs.seals.get(id)
  const known = state === undefined ? undefined : destinations.all.get(state.destination)
  if (state === undefined || known === undefined) return report("visible", `${object.key} has unknown seal ${id}`)
  if (state.seal.key !== object.key || state.seal.target !== bucket.target) {
    report("visible", `${bucket.target} ${object.key} was sealed as ${state.seal.target} ${state.seal.key}`)
  }
  const explained = state.end === "delivered" || state.end === "open" || state.maybeStored
  if (!explained) report("visible", `${object.key} of seal ${id} was ${state.end} as not stored`)
  checkContent({ world, known, state }, object, report)
}

interface Checking {
  readonly world: World
  readonly destinations: Destinations
  readonly legs: Legs
  readonly bucket: Bucket
}

export const checkObjects =
  (world: World, destinations: Destinations, legs: Legs): (report: Report) => void => (report) => {
    for (const bucket of world.buckets.all()) {
      for (const object of bucket.stored) checkObject({ world, destinations, legs, bucket }, object, report)
    }
    for (const { end, seal } of legs.seals.values()) {
      const there = world.buckets.at(seal.target).objects.get(seal.key)
      if (end === "delivered" && (there === undefined || sealOf(there) !== seal.id)) {
        report("no loss", `${seal.key} of seal ${seal.id} is delivered, but not in ${seal.target}`)
      }
    }
  }
