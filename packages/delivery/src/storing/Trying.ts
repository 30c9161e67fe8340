/** Probing a store outside the course of sending: while suspended, and when a person asks for a test. */
import type { Seal } from "@tailrace/domain"
import { Effect } from "effect"
import type { Refused } from "../leg/Failing.ts"
import type { TestResult } from "../leg/Leg.ts"
import { noteProbed } from "../leg/Probing.ts"
import { openStore, probeStore } from "./Store.ts"
import type { StoreLeg } from "./StoreLeg.ts"

/** An open seal may need to know whose object its key is: without that, sending it again helps nobody. */
const cannotSee = Effect.fnUntraced(function*(leg: StoreLeg, seal: Seal) {
  const inspection = yield* Effect.scoped(
    Effect.flatMap(openStore(leg, seal.target), (store) => store.inspect(seal.key))
  ).pipe(Effect.orElseSucceed(() => undefined))
  return inspection?._tag === "Forbidden" && !seal.key.includes(seal.id) ? inspection.message : undefined
})

/** The canary, and whose object the open seal's key is. */
export const tryStore = Effect.fnUntraced(function*(leg: StoreLeg): Effect.fn.Return<Refused | null> {
  const { capabilities, failure, target } = yield* probeStore(leg)
  if (failure !== null) return failure
  const { seal } = leg.state
  const unseen = seal === null ? undefined : yield* cannotSee(leg, seal)
  if (unseen !== undefined) return { message: unseen, status: 403 }
  if (capabilities !== null) yield* noteProbed(leg, target, capabilities)
  return null
})

/** The canary, and what the store can do. Spoils no data. */
export const testStore = (leg: StoreLeg): Effect.Effect<TestResult> =>
  Effect.map(probeStore(leg), ({ capabilities, failure }) => ({
    ok: failure === null,
    message: failure?.message ?? "",
    capabilities
  }))
