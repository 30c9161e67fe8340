/** Appends what a request brought: one lane for each tailnet, order kept, durable when it returns. */
import type { LogType, TailnetName } from "@tailrace/domain"
import { topicOf } from "@tailrace/domain"
import { type Entry, laneOf, Log, type LogError } from "@tailrace/log"
import { Context, Effect, Layer, Schema } from "effect"
import { IngestLimits } from "./IngestLimits.ts"
import { countRecords } from "./IngestMetrics.ts"

/** `maybeTaken`: some of the records, or all, may be durable; sending again may make them twice. */
export class AppendFailed extends Schema.TaggedError<AppendFailed>()("AppendFailed", {
  reason: Schema.String,
  maybeTaken: Schema.Boolean
}) {
  override get message(): string {
    return this.reason
  }
}

export type Entries = Readonly<Record<LogType, ReadonlyArray<Entry>>>

interface Part {
  readonly logType: LogType
  readonly entries: ReadonlyArray<Entry>
  readonly bytes: number
}

const sizeOf = ({ value }: Entry): number => value?.length ?? 0

/** Consecutive entries, at most `maxBytes` together (a larger one alone). */
const partsOf = (logType: LogType, entries: ReadonlyArray<Entry>, maxBytes: number): ReadonlyArray<Part> => {
  const parts: Array<Part> = []
  let from = 0
  let bytes = 0
  entries.forEach((entry, index) => {
    if (index > from && bytes + sizeOf(entry) > maxBytes) {
      parts.push({ logType, entries: entries.slice(from, index), bytes })
      from = index
      bytes = 0
    }
    bytes += sizeOf(entry)
  })
  if (entries.length > from) parts.push({ logType, entries: from === 0 ? entries : entries.slice(from), bytes })
  return parts
}

const failedAt = (index: number) => (error: LogError) =>
  new AppendFailed({ reason: error.message, maybeTaken: index > 0 || error._tag !== "LogFull" })

export class IngestLog extends Context.Service<IngestLog, {
  append(tailnet: TailnetName, entries: Entries): Effect.Effect<void, AppendFailed>
}>()("@tailrace/ingest/IngestLog") {
  static readonly layer = Layer.effect(
    IngestLog,
    Effect.gen(function*() {
      const log = yield* Log
      const { maxAppendBytes } = yield* IngestLimits
      const append = Effect.fn("IngestLog.append")(
        function*(tailnet: TailnetName, entries: Entries) {
          const lane = laneOf(tailnet, log.lanes)
          const parts = [
            ...partsOf("configuration", entries.configuration, maxAppendBytes),
            ...partsOf("network", entries.network, maxAppendBytes)
          ]
          for (const [index, part] of parts.entries()) {
            yield* Effect.mapError(log.append(topicOf[part.logType], lane, part.entries), failedAt(index))
            yield* countRecords(part.logType, part.entries.length, part.bytes)
          }
        },
        // A sender that hangs up while we append must not leave the rest out.
        Effect.uninterruptible
      )
      return IngestLog.of({ append })
    })
  )
}
