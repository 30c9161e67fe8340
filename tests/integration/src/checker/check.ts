/**
 * The checker: holds all objects of a bucket against the log's offsets and the ledger's story. Reads only, after the
 * process has ended; shares no code with delivery.
 */
import type { Seal } from "@tailrace/domain"
import type { Lane } from "@tailrace/log"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import type { Bucket } from "../s3/Bucket.ts"
import type { Complaint } from "./Complaint.ts"
import { type LaneRecords, readTopic } from "./LaneRecords.ts"
import { type CheckedDestination, type LedgerStory, tellLedger } from "./LedgerStory.ts"
import type { LegStory } from "./LegStory.ts"
import { compareLines, type Expected, linesOf } from "./lines.ts"
import { readObjects, type StoredObject } from "./StoredObjects.ts"

/** What was compared, and what was wrong with it. */
export interface Findings {
  readonly complaints: ReadonlyArray<Complaint>
  /** Records of the log that were to be in objects, over all destinations. */
  readonly records: number
  readonly objects: number
  readonly seals: number
  readonly story: LedgerStory
}

/** A tailnet's records carry its name as their key; what follows a slash only spreads it over lanes. */
const expectedOf = ({ starts, tailnet }: CheckedDestination, { lane, records }: LaneRecords): ReadonlyArray<Expected> =>
  records.flatMap(({ key, offset, value }) => {
    const isOurs = key?.split("/", 1)[0] === tailnet && offset >= (starts[lane] ?? 0)
    return isOurs && value !== null ? [{ offset, value }] : []
  })

type Objects = ReadonlyMap<string, StoredObject>

const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex")

/** In words that tell a wrong object from one that is cut off. */
const difference = (seal: Seal, { content, metadata }: StoredObject, lines: number): string =>
  `is not what seal ${seal.id} says: ${lines} lines of ${seal.count}, ${content.length} bytes of ` +
  `${seal.contentBytes}, stored for seal ${metadata["seal"]}`

const checkObjects = (leg: LegStory, expected: ReadonlyArray<Expected>, objects: Objects): ReadonlyArray<Complaint> =>
  leg.delivered.flatMap((seal): ReadonlyArray<Complaint> => {
    const where = `${leg.where}, ${seal.key}`
    const object = objects.get(seal.key)
    if (object === undefined) return [{ kind: "absent", where, text: `seal ${seal.id}` }]
    const lines = linesOf(object.content)
    const isAsSealed = sha256(object.content) === seal.contentSha256 && object.content.length === seal.contentBytes &&
      lines.length === seal.count && object.metadata["seal"] === seal.id
    const own = expected.filter(({ offset }) => offset >= seal.from && offset < seal.to)
    return [
      ...(isAsSealed ? [] : [{ kind: "altered", where, text: difference(seal, object, lines.length) } as const]),
      ...compareLines(where, own, lines)
    ]
  })

/** The leg as a whole: records between two seals would be in no object's own range. */
const checkLeg = (leg: LegStory, expected: ReadonlyArray<Expected>, objects: Objects): ReadonlyArray<Complaint> => {
  const keys = leg.delivered.map(({ key }) => key).toSorted((one, other) => one < other ? -1 : 1)
  const lines = keys.flatMap((key) => linesOf(objects.get(key)?.content ?? new Uint8Array()))
  return [...leg.complaints, ...checkObjects(leg, expected, objects), ...compareLines(leg.where, expected, lines)]
}

interface Truth {
  readonly audit: ReadonlyArray<LaneRecords>
  readonly flow: ReadonlyArray<LaneRecords>
  readonly story: LedgerStory
  readonly objects: Objects
}

const checkDestination = (destination: CheckedDestination, truth: Truth) =>
  truth[destination.topic].map((lane) => {
    const expected = expectedOf(destination, lane)
    const leg = truth.story.legs.get(destination.id)?.get(lane.lane)
    const complaints = leg === undefined ? [] : checkLeg(leg, expected, truth.objects)
    return { complaints, records: expected.length, seals: leg?.seals ?? 0 }
  })

const unexplained = ({ objects, story }: Truth): ReadonlyArray<Complaint> => {
  const legs = [...story.legs.values()].flatMap((lanes: ReadonlyMap<Lane, LegStory>) => [...lanes.values()])
  const known = new Set(legs.flatMap(({ delivered }) => delivered.map(({ key }) => key)))
  return [...objects.keys()].filter((key) => !known.has(key)).map((key) => ({
    kind: "unexplained",
    where: key,
    text: "the ledger has no delivery of it"
  }))
}

/** All that is known of what was appended, and of what came of it. */
export interface Evidence {
  readonly audit: ReadonlyArray<LaneRecords>
  readonly flow: ReadonlyArray<LaneRecords>
  readonly ledger: ReadonlyArray<LaneRecords>
  readonly objects: ReadonlyArray<StoredObject>
}

/** From a bucket, and from a log that no process serves any more. */
export const gather = Effect.fn("gather")(function*(bucket: Bucket) {
  const evidence: Evidence = {
    audit: yield* readTopic("audit"),
    flow: yield* readTopic("flow"),
    ledger: yield* readTopic("ledger"),
    objects: yield* readObjects(bucket)
  }
  return evidence
})

/** The objects must be these destinations' and no others. Fails only if the ledger cannot be read. */
export const judge = Effect.fn("judge")(
  function*({ audit, flow, ledger, objects }: Evidence, destinations: ReadonlyArray<CheckedDestination>) {
    const story = yield* tellLedger(ledger, destinations)
    const truth: Truth = { audit, flow, story, objects: new Map(objects.map((object) => [object.key, object])) }
    const checked = destinations.flatMap((destination) => checkDestination(destination, truth))
    const findings: Findings = {
      complaints: [...checked.flatMap(({ complaints }) => complaints), ...unexplained(truth)],
      records: checked.reduce((sum, { records }) => sum + records, 0),
      objects: objects.length,
      seals: checked.reduce((sum, { seals }) => sum + seals, 0),
      story
    }
    return findings
  }
)
