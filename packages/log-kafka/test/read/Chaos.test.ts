/** Whatever happens to the cluster, each follower sees every record from where it began, once and in order. */
import { assert, it } from "@effect/vitest"
import type { Topic } from "@tailrace/log"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { open, upTo, watch } from "./Reading.ts"
import type { StandIn } from "./StandIn.ts"

const topics: ReadonlyArray<Topic> = ["flow", "ledger"]
const lane = fc.integer({ min: 0, max: 2 })
const topic = fc.constantFrom(...topics)

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      topic,
      lane,
      count: fc.integer({ min: 1, max: 4 }),
      isLarge: fc.boolean()
    })
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("follow" as const),
      topic,
      lane,
      part: fc.double({ min: 0, max: 1, noNaN: true }),
      pauses: fc.array(fc.integer({ min: 0, max: 800 }), { minLength: 1, maxLength: 4 })
    })
  },
  fc.record({ kind: fc.constant("move" as const), topic, lane, leader: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    kind: fc.constant("error" as const),
    topic,
    lane,
    codes: fc.array(fc.constantFrom(3, 5, 6, 9, 56, 74, 75, 78), { maxLength: 4 })
  }),
  fc.record({ kind: fc.constant("down" as const), isDown: fc.boolean() }),
  fc.record({ kind: fc.constant("hang" as const) }),
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), millis: fc.integer({ min: 0, max: 1_500 }) })
  }
)

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never
type Open = Effect.Success<typeof open>

const textAt = (topicName: Topic, laneNumber: number, offset: number) => `${topicName}.${laneNumber}.${offset};`

const append = (cluster: StandIn, { count, isLarge, lane: number, topic: name }: Extract<Step, { kind: "append" }>) => {
  const { next } = cluster.lane(name, number)
  cluster.append(
    name,
    number,
    upTo(count).map((index) => {
      const text = textAt(name, number, next + index)
      return { key: "k", value: Buffer.alloc(isLarge ? 150_000 : text.length, text) }
    })
  )
}

const play = Effect.fnUntraced(function*({ cluster, follow }: Open, steps: ReadonlyArray<Step>) {
  const readers: Array<
    { readonly topic: Topic; readonly lane: number; readonly from: number; readonly texts: ReadonlyArray<string> }
  > = []
  for (const one of steps) {
    if (one.kind === "append") append(cluster, one)
    else if (one.kind === "move") cluster.lane(one.topic, one.lane).leader = one.leader
    else if (one.kind === "error") cluster.lane(one.topic, one.lane).errors = [...one.codes]
    else if (one.kind === "down") cluster.isDown = one.isDown
    else if (one.kind === "hang") cluster.isHung = true
    else if (one.kind === "wait") yield* TestClock.adjust(one.millis)
    else {
      const from = Math.floor(one.part * cluster.lane(one.topic, one.lane).next)
      let turn = 0
      const rest = () => Effect.sleep(one.pauses[turn++ % one.pauses.length] ?? 0)
      const { seen } = yield* watch(follow, { ...one, from }, rest)
      readers.push({ topic: one.topic, lane: one.lane, from, texts: seen.texts })
    }
    if (one.kind !== "wait") cluster.stir()
  }
  return readers
})

const check = Effect.fnUntraced(function*(steps: ReadonlyArray<Step>) {
  const opened = yield* open
  const { cluster } = opened
  const readers = yield* play(opened, steps)
  cluster.isDown = false
  yield* TestClock.adjust("30 seconds")
  for (const { from, lane: number, texts, topic: name } of readers) {
    const wanted = upTo(cluster.lane(name, number).next).slice(from).map((offset) => textAt(name, number, offset))
    assert.deepStrictEqual(texts.map((text) => text.slice(0, text.indexOf(";") + 1)), wanted)
  }
  assert.deepStrictEqual(cluster.faults, [])
}, Effect.scoped)

it.effect(
  "every record once and in order",
  () =>
    Effect.forEach(fc.sample(fc.array(step, { minLength: 5, maxLength: 40 }), { numRuns: 20, seed: 20 }), check, {
      discard: true
    }),
  60_000
)
