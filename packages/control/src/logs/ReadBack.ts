/**
 * Reads logs back as one JSON object, oldest first, in bounded memory. A record counts by its `logged` time; one that
 * reached the log more than an hour after that time is not looked for. Order among records of one lane is the log's.
 */
import { type ApiError, BadRequest } from "@tailrace/api"
import type { TailnetName } from "@tailrace/domain"
import { Log } from "@tailrace/log"
import { Clock, Context, Effect, Layer, Option, Stream } from "effect"
import { answerOf } from "../command/ApiAnswer.ts"
import { parseNanos } from "../Time.ts"
import { type AuditQuery, auditText } from "./AuditQuery.ts"
import { laneLines, type Range, type Wanted } from "./LaneLines.ts"
import { mergeLanes } from "./MergeLanes.ts"

export interface Moments {
  readonly start: string
  readonly end: string
}

type Body = Effect.Effect<Stream.Stream<Uint8Array>, ApiError>

export class ReadBack extends Context.Service<ReadBack, {
  /** `{"logs":[…]}`: exactly one key, because Tailscale's Go client reads tokens. */
  flows(tailnet: TailnetName, moments: Moments): Body
  /** `{"version":"1.1","tailnetId":…,"logs":[…]}`. */
  audit(tailnet: TailnetName, moments: Moments, query: AuditQuery): Body
}>()("@tailrace/control/ReadBack") {
  static readonly layer = Layer.effect(ReadBack, Effect.suspend(() => make))
}

const momentOf = (name: string, text: string) =>
  Option.match(parseNanos(text), {
    onNone: () =>
      Effect.fail(new BadRequest({ message: `${name} must be a time such as 2026-01-31T12:00:00Z (RFC 3339)` })),
    onSome: (nanos) => Effect.succeed(nanos)
  })

const rangeOf = Effect.fnUntraced(function*(moments: Moments, oldestMillis: number) {
  const start = yield* momentOf("start", moments.start)
  const end = yield* momentOf("end", moments.end)
  if (end < start) return yield* new BadRequest({ message: "end must not be before start" })
  const oldest = Number.isFinite(oldestMillis) ? BigInt(Math.trunc(oldestMillis)) * 1_000_000n : start
  const range: Range = { start: start < oldest ? oldest : start, end }
  return range
})

const encoder = new TextEncoder()

/** Records separated by commas, a piece for each batch of them. */
const jsonArray = (records: Stream.Stream<string>, opening: string): Stream.Stream<Uint8Array> => {
  let isFirst = true
  const pieces = records.pipe(
    Stream.mapArray((batch): readonly [string] => {
      const piece = `${isFirst ? "" : ",\n"}${batch.join(",\n")}`
      isFirst = false
      return [piece]
    })
  )
  return Stream.succeed(opening).pipe(
    Stream.concat(pieces),
    Stream.concat(Stream.succeed("]}")),
    Stream.map((piece) => encoder.encode(piece))
  )
}

const make = Effect.gen(function*() {
  const log = yield* Log
  const lanes = Array.from({ length: log.lanes }, (_, lane) => lane)

  /** Whatever can be refused is refused before the first byte; later errors cut the answer off. */
  const lines = Effect.fnUntraced(function*(of: Pick<Wanted, "tailnet" | "topic">, moments: Moments) {
    const now = yield* Clock.currentTimeMillis
    const range = yield* rangeOf(moments, now - log.retentionMillis[of.topic])
    const streams = yield* Effect.forEach(lanes, (lane) => laneLines(log, lane, { ...of, ...range }), {
      concurrency: 4
    }).pipe(Effect.mapError(answerOf))
    return Stream.orDie(mergeLanes(streams))
  })
  return ReadBack.of({
    flows: Effect.fn("ReadBack.flows")(function*(tailnet, moments) {
      const records = yield* lines({ tailnet, topic: "flow" }, moments)
      return jsonArray(Stream.map(records, ({ text }) => text), "{\"logs\":[")
    }),
    audit: Effect.fn("ReadBack.audit")(function*(tailnet, moments, query) {
      const records = yield* lines({ tailnet, topic: "audit" }, moments)
      const shown = records.pipe(
        Stream.map(({ text }) => Option.toArray(auditText(text, query))),
        Stream.flattenIterable
      )
      return jsonArray(shown, `{"version":"1.1","tailnetId":${JSON.stringify(tailnet)},"logs":[`)
    })
  })
})
