/** Two releases of the validator in one world: who is strict, and whether a seal outlived a change of validator. */
import type { LedgerEvent, Seal } from "@tailrace/domain"
import type { World } from "../world/World.ts"

/** Every second process, by the number in its name. */
export const isStrict = (process: string): boolean => Number(process.slice(1)) % 2 === 0

interface Reading {
  strict: boolean
  readonly open: Map<string, { readonly seal: Seal; readonly strict: boolean }>
}

const step = (reading: Reading, event: LedgerEvent): boolean => {
  if (event._tag === "LaneClaimed") reading.strict = isStrict(event.process)
  if (event._tag === "BatchSealed") reading.open.set(event.destination, { seal: event.seal, strict: reading.strict })
  if (event._tag !== "BatchDelivered") return false
  const sealed = reading.open.get(event.destination)
  reading.open.delete(event.destination)
  return sealed !== undefined && sealed.strict !== reading.strict
}

/** Counts seals that one validator made and another one delivered. */
export const noteValidators = (world: World): void => {
  if (world.strictBytes === null) return
  const readings = Array.from({ length: world.lanes }, (): Reading => ({ strict: false, open: new Map() }))
  for (const { event, lane } of world.history.ledger) {
    const reading = readings[lane]
    if (reading !== undefined && step(reading, event)) world.fault("new validator between seal and resend")
  }
}
