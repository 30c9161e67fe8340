/**
 * All windows of a process, and what is done when they hold too much: the largest pages are cut and compressed, the
 * largest windows spooled, and whoever reads waits until that has helped.
 */
import { Effect, Semaphore } from "effect"
import type { Spool } from "../Spool.ts"
import type { Budget } from "./Budget.ts"
import type { Framer } from "./Framer.ts"
import type { Window } from "./Window.ts"

export class Memory {
  readonly budget: Budget
  private readonly spool: Spool["Service"]
  private readonly framer: Framer
  private readonly one = Semaphore.makeUnsafe(1)

  constructor(budget: Budget, spool: Spool["Service"], framer: Framer) {
    this.budget = budget
    this.spool = spool
    this.framer = framer
  }

  /** Returns at once while the budget holds and compression keeps up; else when they do again. */
  readonly relieve: Effect.Effect<void> = Effect.suspend(() => this.framer.ready).pipe(
    Effect.andThen(Effect.suspend(() => this.budget.isOver ? this.one.withPermits(1)(this.relief) : Effect.void))
  )

  private readonly relief: Effect.Effect<void> = Effect.suspend(() => this.reliefStep()).pipe(
    Effect.repeat({ while: () => this.budget.isOver }),
    Effect.asVoid
  )

  private reliefStep(): Effect.Effect<void> {
    if (!this.budget.isOver) return Effect.void
    const windows = [...this.framer.windows]
    const excess = this.budget.usedBytes - Math.floor(this.budget.limitBytes * 0.75)
    const cut = largest(windows, excess, (window) => window.pageBytes)
    for (const window of cut) window.cut()
    const settle = Effect.forEach(cut, (window) => window.settled, { discard: true })
    const spill = Effect.suspend(() => {
      if (!this.budget.isOver) return Effect.void
      const spilled = largest(windows, excess, (window) => window.inMemoryBytes)
      const wait = spilled.length === 0 && cut.length === 0 ? this.budget.whenUnder : Effect.void
      return Effect.forEach(spilled, (window) => window.spill(this.spool.open, 0), { discard: true }).pipe(
        Effect.andThen(wait)
      )
    })
    return Effect.andThen(settle, spill)
  }
}

/** The fewest windows that together hold `bytes` of what `size` counts, largest first. */
const largest = (
  windows: ReadonlyArray<Window>,
  bytes: number,
  size: (window: Window) => number
): ReadonlyArray<Window> => {
  const sorted = windows.filter((window) => size(window) > 0).sort((a, b) => size(b) - size(a))
  let sum = 0
  const enough = sorted.findIndex((window) => (sum += size(window)) >= bytes)
  return enough < 0 ? sorted : sorted.slice(0, enough + 1)
}
