/** What the tests of this folder have in common: a stand-in cluster, followers over it, and what a consumer saw. */
import { type Chunk, type Lane, type LogError, type Offset, recordsOf, type Topic } from "@tailrace/log"
import { Effect, type Fiber, Stream } from "effect"
import { type Follow, makeFollowers } from "../../src/read/Followers.ts"
import { StandIn } from "./StandIn.ts"

export interface Seen {
  readonly offsets: Array<Offset>
  readonly texts: Array<string>
  readonly marks: Array<string>
  next: Offset
  chunks: number
}

export const open = Effect.gen(function*() {
  const cluster = new StandIn()
  const { bounds, recognizes } = cluster
  const options = { brokers: ["kafka.example:9092"], prefix: "t" }
  const follow = yield* makeFollowers({ options, cluster: cluster.cluster, bounds, recognizes })
  return { cluster, follow }
})

export interface Where {
  readonly topic: Topic
  readonly lane: Lane
  readonly from?: Offset
}

/** Follows in the background; `each` runs after each chunk was noted. */
export const watch = Effect.fnUntraced(function*(
  follow: Follow,
  { from = 0, lane, topic }: Where,
  each: (chunk: Chunk) => Effect.Effect<void> = () => Effect.void
) {
  const seen: Seen = { offsets: [], texts: [], marks: [], next: from, chunks: 0 }
  const fiber: Fiber.Fiber<void, LogError> = yield* follow(topic, lane, from).pipe(
    Stream.runForEach((chunk) =>
      Effect.andThen(Effect.sync(() => note(seen, chunk)), Effect.suspend(() => each(chunk)))
    ),
    Effect.forkScoped({ startImmediately: true })
  )
  return { seen, fiber }
})

const note = (seen: Seen, chunk: Chunk): void => {
  for (const { offset, value } of recordsOf(chunk)) {
    seen.offsets.push(offset)
    seen.texts.push(Buffer.from(value ?? []).toString("utf8", 0, 20))
  }
  seen.marks.push(chunk.mark)
  seen.next = chunk.next
  seen.chunks += 1
}

export const textEntry = (text: string) => ({ key: "k", value: Buffer.from(text) })
export const large = (bytes: number) => ({ key: "k", value: Buffer.alloc(bytes, 0x61) })
export const upTo = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, index) => index)
