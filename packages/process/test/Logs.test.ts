// A log line for people: short, on one line, with what was annotated.
import { assert, it } from "@effect/vitest"
import { Cause, Effect, Logger } from "effect"
import { readable } from "../src/Logs.ts"

const linesOf = Effect.fnUntraced(function*(logged: Effect.Effect<void>) {
  const lines: Array<string> = []
  const collect = Logger.map(readable(true), (line) => void lines.push(line))
  yield* logged.pipe(Effect.provide(Logger.layer([collect])))
  return lines
})

it.effect("one readable line for each event", () =>
  Effect.gen(function*() {
    const lines = yield* linesOf(
      Effect.logInfo("lane claimed").pipe(
        Effect.andThen(
          Effect.logWarning("not taken", Cause.fail(new Error("disk\nfull"))).pipe(
            Effect.annotateLogs({ destination: "dst_1", lane: 3 })
          )
        )
      )
    )
    assert.strictEqual(lines[0], "00:00:00 info  lane claimed")
    assert.strictEqual(
      lines[1],
      "00:00:00 \u001b[33mwarn \u001b[0m not taken destination=dst_1 lane=3: Error: disk"
    )
  }))
