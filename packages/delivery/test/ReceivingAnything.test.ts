import { assert, describe, it } from "@effect/vitest"
import type { ReceiverAnswer } from "@tailrace/domain"
import { Effect } from "effect"
import * as fc from "fast-check"
import { append, makeLog, pass, valuesOf } from "./harness.ts"
import {
  accepted,
  begin,
  eventsOf,
  makeReceivers,
  many,
  misconfigured,
  processOf,
  type Request,
  transient
} from "./receivers.ts"

describe("whatever is answered", () => {
  const answers = fc.array(
    fc.record({
      kind: fc.constantFrom("accepted", "slower", "partly", "again", "tooLarge", "transient", "misconfigured"),
      picks: fc.array(fc.nat(9), { maxLength: 3 }),
      millis: fc.nat(3000)
    }),
    { minLength: 5, maxLength: 30 }
  )

  const answerOf = (
    request: Request,
    { kind, picks }: { kind: string; picks: ReadonlyArray<number> }
  ): ReceiverAnswer => {
    const some = [...new Set(picks.map((pick) => pick % request.records.length))].sort((a, b) => a - b)
    if (kind === "slower") return { _tag: "Accepted", slower: true }
    if (kind === "partly" && some.length < request.records.length) {
      const [first, ...again] = some
      const refused = first === undefined ? [] : [{ index: first, reason: "bad" }]
      return { _tag: "Partly", refused, again, failure: null }
    }
    if (kind === "again") {
      return {
        _tag: "Partly",
        refused: [],
        again: some,
        failure: { message: "429", status: 429, retryAfterMillis: null, maybeStored: false }
      }
    }
    if (kind === "tooLarge" && request.records.length > 1) return { _tag: "TooLarge", message: "413", status: 413 }
    if (kind === "transient") return transient
    return kind === "misconfigured" ? misconfigured : accepted
  }

  it.effect.each(fc.sample(answers, { numRuns: 40, seed: 3 }))(
    "each record is taken or in quarantine, and the cursor is at the end: %#",
    (script) =>
      Effect.gen(function*() {
        const memory = makeLog()
        const receivers = makeReceivers()
        const values = many(200)
        receivers.answerWith((request, index) => {
          const said = script[index]
          if (said === undefined) return Effect.succeed(accepted)
          return Effect.as(Effect.sleep(said.millis), answerOf(request, said))
        })
        yield* Effect.gen(function*() {
          yield* begin
          for (let from = 0; from < 200; from += 20) {
            yield* append(0, values.slice(from, from + 20))
            yield* pass(1)
          }
          const isDone = Effect.map(eventsOf(memory), (events) =>
            events.some((event) => "to" in event && event.to === 200))
          for (let minutes = 0; minutes < 60 && !(yield* isDone); minutes++) {
            yield* pass(60)
          }
        }).pipe(
          Effect.provide(processOf(memory, receivers, { probe: { baseMillis: 1000, capMillis: 60_000 } })),
          Effect.scoped
        )
        const quarantined = valuesOf(memory, "quarantine", 0)
        const arrived = new Set([...receivers.taken, ...quarantined])
        assert.deepStrictEqual(
          values.filter((value) =>
            !arrived.has(value)
          ),
          []
        )
        assert.strictEqual(new Set(quarantined).size, quarantined.length)
        const last = (yield* eventsOf(memory)).findLast(({ _tag }) => _tag === "RecordsDelivered")
        assert.deepInclude(last, { to: 200 })
      }),
    30_000
  )
})
