/** Probing a receiver outside the course of sending: while suspended, and when a person asks for a test. */
import type { ReceiverProbe } from "@tailrace/domain"
import { Effect } from "effect"
import type { Refused } from "../leg/Failing.ts"
import type { TestResult } from "../leg/Leg.ts"
import { noteProbed } from "../leg/Probing.ts"
import { openReceiver, probedTarget } from "./Opened.ts"
import type { ReceiverLeg } from "./ReceiverLeg.ts"

/** Opened anew: what an open receiver remembers may be what is wrong. */
const probe = (leg: ReceiverLeg, kind: "look" | "sample"): Effect.Effect<ReceiverProbe> =>
  Effect.suspend(() => openReceiver(leg, leg.version)).pipe(
    Effect.flatMap((receiver) => receiver.probe(kind)),
    Effect.catch(Effect.succeed),
    Effect.scoped
  )

/** Changes nothing there. */
export const tryReceiver = Effect.fnUntraced(function*(leg: ReceiverLeg): Effect.fn.Return<Refused | null> {
  const target = probedTarget(leg, leg.version)
  const found = yield* probe(leg, "look")
  if (found._tag !== "Usable") return found
  yield* noteProbed(leg, target, found.capabilities)
  return null
})

/** Sends one event that is marked as a test, and shows what was answered. */
export const testReceiver = (leg: ReceiverLeg): Effect.Effect<TestResult> =>
  Effect.map(probe(leg, "sample"), (found) => ({
    ok: found._tag === "Usable",
    message: found.message,
    capabilities: found._tag === "Usable" ? found.capabilities : null
  }))
