// The checker itself: silent about a true bucket, and a complaint of its own for each way in which one can be false.
import { assert, describe, it } from "@effect/vitest"
import { DestinationId, LedgerEvent, type Seal } from "@tailrace/domain"
import type { LogRecord } from "@tailrace/log"
import { Effect, Schema } from "effect"
import { createHash } from "node:crypto"
import { zstdCompressSync } from "node:zlib"
import { type Evidence, judge } from "../src/checker/check.ts"
import type { CheckedDestination } from "../src/checker/LedgerStory.ts"
import type { StoredObject } from "../src/checker/StoredObjects.ts"
import { zstdContent } from "../src/checker/zstdContent.ts"

const id = DestinationId.make("dst_a")
const destination: CheckedDestination = { id, tailnet: "example.com", topic: "flow", starts: [2] }
const encode = Schema.encodeSync(Schema.fromJsonString(LedgerEvent))

const line = (offset: number) => `{"logged":"2026-01-01T00:00:00Z","n":${offset}}`
const record = (offset: number, value: string, key: string | null = "example.com"): LogRecord => ({
  offset,
  time: offset,
  key,
  value: Buffer.from(value)
})

/** Offset 1 lies before the start, 5 belongs to somebody else, 7 was left out by the log. */
const flow = [1, 2, 3, 4, 6, 8, 9].map((offset) => record(offset, line(offset))).concat(record(5, "{}", "other.com"))

const contentOf = (offsets: ReadonlyArray<number>) => offsets.map((offset) => `${line(offset)}\n`).join("")

const sealOf = (key: string, [from, to]: readonly [number, number], offsets: ReadonlyArray<number>): Seal => {
  const content = contentOf(offsets)
  const contentSha256 = createHash("sha256").update(content).digest("hex")
  const rest = { skipped: [], target: "t", codec: "none", configVersion: 1 } as const
  return {
    id: `seal-${key}`,
    from,
    to,
    count: offsets.length,
    contentSha256,
    contentBytes: content.length,
    key,
    ...rest
  }
}

const first = sealOf("10:00:00.json", [2, 6], [2, 3, 4])
const second = sealOf("10:00:05.json", [6, 10], [6, 8, 9])

const sealed = (seal: Seal): LedgerEvent => ({ _tag: "BatchSealed", destination: id, seal, at: 0 })
const delivered = ({ contentBytes, count, from, id: seal, key, to }: Seal): LedgerEvent => ({
  _tag: "BatchDelivered",
  destination: id,
  seal,
  from,
  to,
  count,
  key,
  bytes: contentBytes,
  contentBytes,
  quarantined: 0,
  attempts: 1,
  configVersion: 1,
  at: 0
})
const claimed: LedgerEvent = { _tag: "LaneClaimed", process: "p", at: 0 }

const story = [claimed, sealed(first), claimed, delivered(first), sealed(second), delivered(second), claimed]

const objectOf = (seal: Seal, content: string): StoredObject => ({
  key: seal.key,
  content: Buffer.from(content),
  metadata: { seal: seal.id }
})
const one = objectOf(first, contentOf([2, 3, 4]))
const other = objectOf(second, contentOf([6, 8, 9]))

interface Told {
  readonly events?: ReadonlyArray<LedgerEvent>
  readonly objects?: ReadonlyArray<StoredObject>
}

const judged = ({ events = story, objects = [one, other] }: Told) => {
  const evidence: Evidence = {
    audit: [{ lane: 0, records: [] }],
    flow: [{ lane: 0, records: flow.toSorted((a, b) => a.offset - b.offset) }],
    ledger: [{ lane: 0, records: events.map((event, offset) => record(offset, encode(event))) }],
    objects
  }
  return judge(evidence, [destination])
}

/** Each kind of complaint with its text, about the leg as a whole or one object. */
const complaintsOf = (told: Told) =>
  Effect.map(judged(told), ({ complaints }) => new Map(complaints.map(({ kind, text }) => [kind, text])))

const kindsOf = (told: Told) => Effect.map(complaintsOf(told), (complaints) => [...complaints.keys()].toSorted())

describe("the checker", () => {
  it.effect("is content with what is true, and counts it", () =>
    Effect.gen(function*() {
      const findings = yield* judged({})
      assert.deepStrictEqual(findings.complaints, [])
      assert.deepInclude(findings, { records: 6, objects: 2, seals: 2 })
      assert.deepStrictEqual(findings.story.claims.filter(({ isAmidSeal }) => isAmidSeal).length, 1)
      assert.strictEqual(findings.story.claims.length, 3)
    }))

  it.effect("sees a line left out", () =>
    Effect.gen(function*() {
      const complaints = yield* complaintsOf({ objects: [objectOf(first, contentOf([2, 4])), other] })
      assert.deepStrictEqual([...complaints.keys()], ["altered", "missing"])
      assert.strictEqual(complaints.get("missing"), "3")
    }))

  it.effect("sees a line twice", () =>
    Effect.gen(function*() {
      const complaints = yield* complaintsOf({ objects: [one, objectOf(second, contentOf([6, 8, 8, 9]))] })
      assert.deepStrictEqual([...complaints.keys()], ["altered", "doubled"])
      assert.strictEqual(complaints.get("doubled"), "8")
    }))

  it.effect("sees two lines change places", () =>
    Effect.gen(function*() {
      const complaints = yield* complaintsOf({ objects: [objectOf(first, contentOf([3, 2, 4])), other] })
      assert.deepStrictEqual([...complaints.keys()], ["altered", "disordered"])
      assert.strictEqual(complaints.get("disordered"), "2")
    }))

  it.effect("sees a changed byte as one record missing and one that is nobody's", () =>
    Effect.gen(function*() {
      const objects = [objectOf(first, contentOf([2, 3, 4]).replace("\"n\":3", "\"n\":7")), other]
      assert.deepStrictEqual(yield* kindsOf({ objects }), ["altered", "foreign", "missing"])
    }))

  it.effect("sees objects and deliveries without each other", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* kindsOf({ objects: [one] }), ["absent", "missing"])
      const stranger = { ...one, key: "10:00:01.json" }
      assert.deepStrictEqual(yield* kindsOf({ objects: [one, stranger, other] }), ["unexplained"])
      const foreign = { ...one, metadata: { seal: "another" } }
      assert.deepStrictEqual(yield* kindsOf({ objects: [foreign, other] }), ["altered"])
    }))

  it.effect("sees a record that no seal covers", () =>
    Effect.gen(function*() {
      const late = sealOf("10:00:05.json", [8, 10], [8, 9])
      const events = [sealed(first), delivered(first), sealed(late), delivered(late)]
      const complaints = yield* complaintsOf({ events, objects: [one, objectOf(late, contentOf([8, 9]))] })
      assert.deepStrictEqual([...complaints], [["missing", "6"]])
    }))

  it.effect.each<readonly [string, ReadonlyArray<LedgerEvent>, ReadonlyArray<StoredObject>]>([
    ["a seal that stays open", [...story, sealed(sealOf("10:00:09.json", [10, 10], []))], [one, other]],
    ["two seals at once", [sealed(first), sealed(second), delivered(second)], [other]],
    ["a delivery of no seal", [...story, delivered(first)], [one, other]],
    ["a cursor that goes back", [...story, sealed(first), delivered(first)], [one, other]],
    ["a seal given up", [...story, sealed(sealOf("10:01:00.json", [10, 11], [])), {
      _tag: "SealAbandoned",
      destination: id,
      seal: "seal-10:01:00.json",
      from: 10,
      maybeStored: true,
      at: 0
    }], [one, other]]
  ])("sees %s", ([, events, objects]) =>
    Effect.gen(function*() {
      assert.include(yield* kindsOf({ events, objects }), "ledger")
    }))
})

describe("content of a zstd object", () => {
  it.effect("is that of all frames, however long each is", () =>
    Effect.gen(function*() {
      const pieces = [1, 65_536, 100_000, 3, 4_194_304, 70_001].map((length) => Buffer.alloc(length, `${length} `))
      const body = Buffer.concat(pieces.map((piece) => zstdCompressSync(piece)))
      const content = yield* Effect.promise(() => zstdContent(body))
      assert.strictEqual(Buffer.compare(content, Buffer.concat(pieces)), 0)
    }))
})
