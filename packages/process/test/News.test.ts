// What is told to whoever watches: deliveries on stdout, trouble in the log once, attempts nowhere.
import { assert, it } from "@effect/vitest"
import { LedgerProjection } from "@tailrace/control"
import { DestinationId, type LegEvent } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { LogMemory } from "@tailrace/log"
import { Console, Effect, Fiber, Layer, Logger, Stream } from "effect"
import { readable } from "../src/Logs.ts"
import { deliveredLine, tellNews } from "../src/controlling/News.ts"

const destination = DestinationId.make("dst_a")
const suspended = (probes: number): LegEvent => ({
  _tag: "Suspended",
  destination,
  status: 403,
  message: "SignatureDoesNotMatch",
  probes,
  nextProbeAt: 60_000,
  at: 0
})

const events: ReadonlyArray<LegEvent> = [
  { _tag: "AttemptFailed", destination, status: 503, message: "SlowDown", attempt: 1, retryAt: 1, at: 0 },
  {
    _tag: "BatchDelivered",
    destination,
    seal: "s1",
    from: 0,
    to: 7,
    count: 7,
    key: "k.json.zst",
    bytes: 99,
    contentBytes: 400,
    quarantined: 0,
    attempts: 1,
    configVersion: 1,
    at: 0
  },
  suspended(1),
  suspended(2),
  { _tag: "Resumed", destination, at: 0 },
  { _tag: "SealAbandoned", destination, seal: "s2", from: 7, maybeStored: true, at: 0 },
  { _tag: "RecordsExpired", destination, from: 7, to: 10, at: 0 }
]

const projection = Layer.succeed(
  LedgerProjection,
  LedgerProjection.of({
    legs: () => new Map(),
    recent: () => [],
    caughtUp: Effect.void,
    changed: () => Effect.never,
    delivered: Stream.empty,
    events: Stream.fromIterable(events.map((event) => ({ lane: 1, event })))
  })
)

it.effect("one line each", () =>
  Effect.gen(function*() {
    const stdout: Array<string> = []
    const log: Array<string> = []
    const console: Console.Console = { ...globalThis.console, log: (line: string) => void stdout.push(line) }
    const logger = Logger.layer([Logger.map(readable(false), (line) => void log.push(line.slice(9)))])
    yield* Effect.scoped(tellNews.pipe(Effect.flatMap((fiber) => Fiber.join(fiber)))).pipe(
      Effect.provideService(Console.Console, console),
      Effect.provide(
        Layer.mergeAll(projection, logger, ControlLog.layer.pipe(Layer.provide(LogMemory.layer({ lanes: 1 }))))
      )
    )
    const subject = "tailnet= destination=dst_a lane=1"
    assert.deepStrictEqual(stdout, ["00:00:00  delivered 7 records (99 bytes) of  to dst_a: k.json.zst"])
    assert.deepStrictEqual(log, [
      `warn  dst_a: suspended, nothing is lost yet: SignatureDoesNotMatch ${subject}`,
      `info  dst_a resumed ${subject}`,
      `warn  dst_a: an object was given up, but it may be stored: its records are sent again ${subject}`,
      `warn  dst_a: retention has taken the records 7 to 9 before they could be delivered ${subject}`
    ])
  }))

it("a line for each object", () => {
  const delivered = {
    at: Date.UTC(2026, 6, 27, 12, 1, 0),
    tailnet: "example.com",
    name: "demo audit logs",
    count: 1,
    bytes: 1_911,
    key: "audit-logs/2026/07/27/12:01:00.json.zst"
  }
  assert.strictEqual(
    deliveredLine(delivered),
    "12:01:00  delivered 1 record (1911 bytes) of example.com to demo audit logs: " +
      "audit-logs/2026/07/27/12:01:00.json.zst"
  )
})
