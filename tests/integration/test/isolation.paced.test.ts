// Two hundred destinations in one process, ten of them in trouble: the others never notice. About time: must run alone.
import { assert, describe, it } from "@effect/vitest"
import { Log } from "@tailrace/log"
import { Clock, Console, Effect, Fiber, Layer, Schedule } from "effect"
import { gather, judge } from "../src/checker/check.ts"
import { shown } from "../src/checker/Complaint.ts"
import { type LaneRecords, readTopic } from "../src/checker/LaneRecords.ts"
import { type CheckedDestination, type LedgerStory, tellLedger } from "../src/checker/LedgerStory.ts"
import { readObjects } from "../src/checker/StoredObjects.ts"
import { delivering, foundation, lanes } from "../src/isolation/Delivering.ts"
import { latenessOf, type Look } from "../src/isolation/lateness.ts"
import {
  appendBacklog,
  appendToAll,
  checked,
  create,
  createTailnet,
  hugeTailnet,
  type Neighbour,
  neighbour,
  pause,
  periodMillis,
  perTailnet,
  resume,
  tailnets,
  update,
  uploadOf
} from "../src/isolation/Neighbours.ts"
import { lateBucket, troubles } from "../src/isolation/troubles.ts"
import { oursApart } from "../src/kill/S3ServerApart.ts"
import { openBucket } from "../src/s3/Bucket.ts"
import { configFor, S3Site } from "../src/s3/S3Site.ts"

const total = tailnets.length * perTailnet
/** What the issue allows behind the period. */
const patienceMillis = 5_000
const measuredPeriods = 3
const hugeNumber = 3
const dayNumber = 10
const pausedNumber = 11
const firstHealthy = 12

/** Numbers 0 to 9 are in trouble, each of another tailnet, each with healthy neighbours in it. */
const makeAll = Effect.fnUntraced(function*() {
  const { url } = yield* S3Site
  const trouble = yield* troubles(0)
  const others = Array.from(
    { length: total - trouble.length },
    (_, index) => neighbour(trouble.length + index, configFor(url))
  )
  const all = [...trouble.map((one) => one.neighbour), ...others].map((one, n) => {
    if (n === hugeNumber) return { ...one, tailnet: hugeTailnet }
    return n === dayNumber ? { ...one, upload: uploadOf(n, 86_400) } : one
  })
  yield* Effect.forEach([...tailnets, hugeTailnet], (name, n) => createTailnet(name, n))
  yield* Effect.forEach(all, (one) => create(one), { concurrency: 8 })
  const [day, paused] = [all[dayNumber], all[pausedNumber]]
  if (day === undefined || paused === undefined) return yield* Effect.die("there are no such destinations")
  yield* pause(paused)
  yield* appendBacklog
  return { all, trouble, day, paused }
})

type Made = Effect.Success<ReturnType<typeof makeAll>>

const trickle = Effect.gen(function*() {
  for (let round = 0;; round++) {
    yield* appendToAll(2, round)
    yield* Effect.sleep("500 millis")
  }
})

const mendAll = Effect.fnUntraced(function*({ day, paused, trouble }: Made) {
  yield* Effect.forEach(trouble, ({ mend }) => mend, { discard: true })
  yield* update({ ...day, upload: uploadOf(dayNumber) })
  yield* resume(paused)
})

/** Every leg that has records is where its tailnet's last one is, and owes nothing. */
const isDone = (
  destinations: ReadonlyArray<CheckedDestination>,
  flow: ReadonlyArray<LaneRecords>,
  story: LedgerStory
) =>
  destinations.every(({ id, tailnet }) =>
    flow.every(({ lane, records }) => {
      const last = records.findLast(({ key }) => key === tailnet)
      const leg = story.legs.get(id)?.get(lane)
      return last === undefined || (leg !== undefined && leg.open === null && leg.cursor > last.offset)
    })
  )

const look = Effect.fnUntraced(function*(destinations: ReadonlyArray<CheckedDestination>) {
  const flow = yield* readTopic("flow")
  const story = yield* tellLedger(yield* readTopic("ledger"), destinations)
  const seen: Look = { flow, story, at: yield* Clock.currentTimeMillis }
  return seen
})

const allDelivered = (destinations: ReadonlyArray<CheckedDestination>) =>
  look(destinations).pipe(
    Effect.map(({ flow, story }) => isDone(destinations, flow, story)),
    Effect.repeat({ until: (done) => done, schedule: Schedule.spaced("1 second") }),
    Effect.timeout("90 seconds")
  )

/** The whole course; delivery has stopped when it returns. */
const course = Effect.fnUntraced(function*(made: Made) {
  const producing = yield* Effect.forkChild(trickle)
  yield* Effect.sleep(measuredPeriods * periodMillis)
  const before = yield* look(made.all.map((one) => checked(one, lanes)))
  yield* mendAll(made)
  yield* Effect.sleep("5 seconds")
  yield* Fiber.interrupt(producing)
  const mended = yield* Clock.currentTimeMillis
  yield* allDelivered(made.all.map((one) => checked(one, lanes)))
  const resumedMillis = (yield* Clock.currentTimeMillis) - mended
  return { before, resumedMillis }
}, (effect) => Effect.provide(effect, delivering))

const objectsOf = ({ legs }: LedgerStory, { id }: Neighbour) =>
  [...legs.get(id)?.values() ?? []].reduce((sum, { delivered }) => sum + delivered.length, 0)

describe("isolation", () => {
  it.live(
    "ten destinations in trouble, one a day long and one paused do not delay 188 others",
    () =>
      Effect.gen(function*() {
        yield* Log
        const made = yield* makeAll()
        const { before, resumedMillis } = yield* course(made)

        const healthy = made.all.slice(firstHealthy).map((one) => checked(one, lanes))
        const late = healthy.map((one) => latenessOf(one, before))
        const worst = Math.max(...late.map(({ mostMillis }) => mostMillis))
        const troubled = made.trouble.map(({ name, neighbour: one }) => `${name} ${objectsOf(before.story, one)}`).join(
          ", "
        )
        yield* Console.log(
          JSON.stringify({ destinations: made.all.length, worstMillis: worst, resumedMillis, troubled })
        )
        assert.strictEqual(objectsOf(before.story, made.day) + objectsOf(before.story, made.paused), 0)
        assert.isAtLeast(Math.min(...late.map((one) => one.objects)), 1)
        assert.isAtMost(worst, periodMillis + patienceMillis)

        const { bucket, url } = yield* S3Site
        const evidence = yield* gather(bucket)
        const later = yield* readObjects(yield* openBucket(url, lateBucket))
        const everywhere = { ...evidence, objects: [...evidence.objects, ...later] }
        const findings = yield* judge(everywhere, made.all.map((one) => checked(one, lanes)))
        assert.strictEqual(shown(findings.complaints), "")
      }).pipe(Effect.scoped, Effect.provide(foundation.pipe(Layer.provideMerge(S3Site.layer(oursApart))))),
    240_000
  )
})
