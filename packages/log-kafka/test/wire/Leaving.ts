/**
 * A process that calls a broker, gets a large answer, and leaves while a long poll is under way. What it prints: bytes
 * of buffers after the answer, and when it left. Run by `Leaving.test.ts`.
 */
import { Effect } from "effect"
import type { Api } from "../../src/wire/Api.ts"
import { makeLink } from "../../src/wire/Link.ts"
import { fakeBroker } from "./FakeBroker.ts"

const largeBytes = 32 * 1_048_576

const read: Api<boolean, number> = {
  name: "Read",
  key: 0,
  version: 0,
  write: (writer, isPoll) => void writer.boolean(isPoll),
  read: (reader) => reader.int32()
}

/** The broker's side, in the same process, lets go of the answer when the socket has taken all of it. */
const settled = Effect.gen(function*() {
  for (let tries = 0; tries < 50; tries += 1) {
    yield* Effect.sleep(100)
    globalThis.gc?.()
    if (process.memoryUsage().arrayBuffers < largeBytes / 2) return
  }
})

const visit = Effect.gen(function*() {
  const broker = yield* fakeBroker({
    onRequest: ({ answer, body }) => {
      if (body.at(-1) === 0) answer(Buffer.alloc(largeBytes))
    }
  })
  const link = yield* makeLink({ access: {}, address: () => broker.address, name: "broker" })
  yield* link.call(read, false)
  yield* settled
  console.log(`bytes ${process.memoryUsage().arrayBuffers}`)
  yield* Effect.forkChild(link.call(read, true, 30_000))
  yield* Effect.sleep(50)
})

await Effect.runPromise(Effect.scoped(visit))
console.log("left")
