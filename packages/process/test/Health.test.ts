// Health as orchestrators see it: alive, ready, or why not; and what an operator should know of the log.
import { assert, describe, it } from "@effect/vitest"
import { Log, LogMemory, type LogTrouble, LogTroubles, LogUnavailable } from "@tailrace/log"
import { Effect, Layer } from "effect"
import { HttpRouter } from "effect/http"
import { HealthRoutes, Readiness } from "../src/Health.ts"
import { UnknownPaths } from "../src/Serving.ts"

interface Given {
  readonly problems?: ReadonlyArray<string>
  readonly troubles?: ReadonlyArray<LogTrouble>
  readonly log?: Layer.Layer<Log>
}

const memory = LogMemory.layer({ lanes: 1 })
const guarantees = ["all topics: on three brokers"]

/** The log is there, but nobody behind it answers. */
const deaf = (bounds: Log["Service"]["bounds"]) =>
  Layer.effect(Log, Effect.map(Log, (log) => ({ ...log, bounds }))).pipe(Layer.provide(memory))

const serving = ({ log = memory, problems = [], troubles = [] }: Given) =>
  Layer.merge(HealthRoutes, UnknownPaths).pipe(
    Layer.provide([
      log,
      Layer.succeed(Readiness, { problems: Effect.succeed(problems) }),
      Layer.succeed(LogTroubles, { current: Effect.succeed(troubles), guarantees })
    ])
  )

const ask = (path: string, given: Given = {}) =>
  Effect.acquireUseRelease(
    Effect.sync(() => HttpRouter.toWebHandler(serving(given), { disableLogger: true })),
    ({ handler }) =>
      Effect.promise(async () => {
        const answer = await handler(new Request(`http://tailrace${path}`))
        return { status: answer.status, text: await answer.text() }
      }),
    ({ dispose }) => Effect.promise(dispose)
  )

const readyz = (given?: Given) =>
  Effect.map(ask("/readyz", given), ({ status, text }) => ({ status, body: JSON.parse(text) }))

describe("health", () => {
  it.live("alive, whatever else is the matter", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* ask("/healthz", { problems: ["no"] }), { status: 200, text: "{\"status\":\"ok\"}" })
    }))

  it.live("ready, with the log's guarantees", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* readyz(), { status: 200, body: { status: "ready", troubles: [], guarantees } })
    }))

  it.live("a lane that is not served, and a trouble that blocks", () =>
    Effect.gen(function*() {
      const blocking = { message: "nobody serves lane 3", isBlocking: true }
      const { body, status } = yield* readyz({ problems: ["lane 1 is not served"], troubles: [blocking] })
      assert.deepStrictEqual(status, 503)
      assert.deepStrictEqual(body, {
        message: "lane 1 is not served; nobody serves lane 3",
        problems: ["lane 1 is not served", "nobody serves lane 3"],
        troubles: [blocking],
        guarantees
      })
    }))

  it.live("a trouble that does not block is told, no more", () =>
    Effect.gen(function*() {
      const waiting = {
        at: { topic: "flow", lane: 0 },
        message: "a foreign transaction hangs",
        isBlocking: false
      } as const
      const { body, status } = yield* readyz({ troubles: [waiting] })
      assert.deepStrictEqual([status, body.troubles], [200, [waiting]])
    }))

  it.live("a log that fails, and one that is silent", () =>
    Effect.gen(function*() {
      const failing = deaf(() => Effect.fail(new LogUnavailable({ reason: "no broker answers" })))
      assert.deepInclude(yield* readyz({ log: failing }).pipe(Effect.map(({ body }) => body)), {
        message: "the log is unavailable: no broker answers"
      })
      const { body, status } = yield* readyz({ log: deaf(() => Effect.never) })
      assert.deepStrictEqual([status, body.message], [503, "the log does not answer"])
    }))

  it.live("metrics are text, unknown paths JSON", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* ask("/metrics")).status, 200)
      assert.deepStrictEqual(yield* ask("/api/v2/x"), { status: 404, text: "{\"message\":\"not found\"}" })
    }))
})
