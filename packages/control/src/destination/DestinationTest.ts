/** Asks delivery for a test and waits for its answer in the ledger: the two sides meet in the log only. */
import { type ApiError, TookTooLong } from "@tailrace/api"
import type { DestinationId, LegEvent } from "@tailrace/domain"
import { Effect } from "effect"
import type { LedgerProjection } from "../ledger/LedgerProjection.ts"

/** How long a test may take. */
export const testTimeoutSeconds = 30

type Tested = Extract<LegEvent, { readonly _tag: "Tested" }>

const resultOf = (ledger: LedgerProjection["Service"], destination: DestinationId, test: string) =>
  ledger.recent(destination).map(({ event }) => event).find((event): event is Tested =>
    event._tag === "Tested" && event.test === test
  )

/** The result of this very test; 504 when nobody answered. */
export const awaitTested = (
  ledger: LedgerProjection["Service"],
  destination: DestinationId,
  test: string
): Effect.Effect<Tested, ApiError> =>
  Effect.gen(function*() {
    while (true) {
      const changed = ledger.changed()
      const result = resultOf(ledger, destination, test)
      if (result !== undefined) return result
      yield* changed
    }
  }).pipe(Effect.timeoutOrElse({
    duration: `${testTimeoutSeconds} seconds`,
    orElse: () =>
      Effect.fail(
        new TookTooLong({
          message: `no result of the test after ${testTimeoutSeconds} seconds: is the destination's lane being served?`
        })
      )
  }))
