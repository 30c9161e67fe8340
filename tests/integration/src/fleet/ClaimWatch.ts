/** Who owns which lane, as the ledger shows it to everybody while it is written. */
import { LedgerEvent } from "@tailrace/domain"
import { type Chunk, type Lane, Log, recordsOf } from "@tailrace/log"
import { Clock, Effect, Option, Schema, Stream } from "effect"

/** A claim became visible: from then on its process serves the lane. */
export interface SeenClaim {
  readonly lane: Lane
  /** The process's number. */
  readonly pid: number
  /** Epoch milliseconds. */
  readonly at: number
}

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(LedgerEvent))

/** Processes name themselves `delivery 123 on host`. */
const pidOf = (process: string): number => Number(/ (\d+) on /.exec(process)?.[1])

const claimsIn = (chunk: Chunk, at: number): ReadonlyArray<SeenClaim> =>
  recordsOf(chunk).flatMap(({ value }) => {
    const event = Option.getOrUndefined(decode(Buffer.from(value ?? new Uint8Array()).toString()))
    return event?._tag === "LaneClaimed" ? [{ lane: chunk.lane, pid: pidOf(event.process), at }] : []
  })

/** Fills the list until the scope closes. */
export const watchClaims = Effect.fn("watchClaims")(function*(claims: Array<SeenClaim>) {
  const log = yield* Log
  const watch = Effect.fnUntraced(function*(lane: Lane) {
    const { earliest } = yield* log.bounds("ledger", lane)
    yield* log.follow("ledger", lane, earliest).pipe(
      Stream.runForEach((chunk) =>
        Effect.map(Clock.currentTimeMillis, (now) => void claims.push(...claimsIn(chunk, now)))
      )
    )
  })
  yield* Effect.forkScoped(
    Effect.all(Array.from({ length: log.lanes }, (_, lane) => watch(lane)), { concurrency: "unbounded" }).pipe(
      Effect.orDie
    )
  )
})

/** The last to have claimed the lane. */
export const ownerOf = (claims: ReadonlyArray<SeenClaim>, lane: Lane): number | undefined =>
  claims.findLast((claim) => claim.lane === lane)?.pid
