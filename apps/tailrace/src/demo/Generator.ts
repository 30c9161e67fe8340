/** Keeps the demo's tailnet busy: a few flow records a second and an audit record every few seconds, in the log. */
import type { LogType, TailnetName } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { IngestLog } from "@tailrace/ingest"
import { Clock, DateTime, Effect, Random } from "effect"
import { auditRecord } from "./AuditRecords.ts"
import { flowRecord } from "./FlowRecords.ts"

/** Mean pause before the next record, in milliseconds. */
const pauses = { configuration: 4_000, network: 350 } as const

/** After a failed append; the next one may find space again. */
const pauseAfterFailure = "5 seconds"

type Entries = Parameters<IngestLog["Service"]["append"]>[1]

const records = { configuration: auditRecord, network: flowRecord } as const

/** `{"logged":…` first: the canonical form of the log. */
const entryOf = (record: object, logged: string, tailnet: TailnetName) => ({
  key: tailnet,
  value: Buffer.from(JSON.stringify({ logged, ...record }))
})

/** One record in the form in which the log keeps it. */
export const demoEntries = Effect.fnUntraced(function*(logType: LogType, tailnet: TailnetName) {
  const record = yield* records[logType]
  const logged = DateTime.formatIso(DateTime.makeUnsafe(yield* Clock.currentTimeMillis))
  const none: Entries = { configuration: [], network: [] }
  return { ...none, [logType]: [entryOf(record, logged, tailnet)] }
})

const mayProduce = Effect.fnUntraced(function*(logType: LogType, tailnet: TailnetName) {
  const state = (yield* ControlLog).tailnet(tailnet)
  return state !== undefined && (logType === "configuration" || state.settings.networkFlowLoggingOn)
})

const produceOne = Effect.fnUntraced(function*(logType: LogType, tailnet: TailnetName) {
  yield* Effect.sleep(yield* Random.nextIntBetween(1, 2 * pauses[logType]))
  if (!(yield* mayProduce(logType, tailnet))) return
  yield* (yield* IngestLog).append(tailnet, yield* demoEntries(logType, tailnet))
})

const produce = (logType: LogType, tailnet: TailnetName) =>
  produceOne(logType, tailnet).pipe(
    Effect.catchTag("AppendFailed", (error) =>
      Effect.logWarning(`the demo's record was not taken: ${error.message}`).pipe(
        Effect.andThen(Effect.sleep(pauseAfterFailure))
      )),
    Effect.forever
  )

/** Runs until the scope closes. */
export const generate = (tailnet: TailnetName) =>
  Effect.all([
    Effect.forkScoped(produce("configuration", tailnet)),
    Effect.forkScoped(produce("network", tailnet))
  ], { discard: true })
