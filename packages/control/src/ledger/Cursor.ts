/** Where a leg begins that has decided nothing yet. Pure. */
import { type Destination, type DestinationId, Start, type TailnetState } from "@tailrace/domain"
import type { Lane, Offset } from "@tailrace/log"
import type { LegFigures } from "./LegFigures.ts"

export interface LegOf {
  readonly tailnet: TailnetState
  readonly destination: Destination
  readonly lane: Lane
  readonly legs: (destination: DestinationId) => ReadonlyMap<Lane, LegFigures>
}

/** Its own start, or where the one that it replaces stands. The chain ends: ids are never used again. */
export const startOf = ({ destination, lane, legs, tailnet }: LegOf): Offset =>
  Start.match(destination.start, {
    At: ({ offsets }) => offsets[lane] ?? 0,
    Replaces: ({ destination: replaced }) => {
      const before = tailnet.destinations.get(replaced)
      const cursor = legs(replaced).get(lane)?.leg.cursor
      if (cursor !== undefined && cursor !== null) return cursor
      return before === undefined ? 0 : startOf({ destination: before, lane, legs, tailnet })
    }
  })
