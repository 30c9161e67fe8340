/** Sees which actor states legs pass through. For tests that ask whether every state was visited. */
import { Context } from "effect"

export interface LegVisits {
  visited(state: string): void
}

export class LegObserver extends Context.Reference<LegVisits>("@tailrace/delivery/LegObserver", {
  defaultValue: () => ({ visited: () => {} })
}) {}
