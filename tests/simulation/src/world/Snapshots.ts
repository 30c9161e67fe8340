/** The snapshots in `positions`, as anybody could read them: what the world and the checker know of a lane. */
import { Positions } from "@tailrace/domain"
import type { Lane } from "@tailrace/log"
import { Option, Schema } from "effect"
import { textOf } from "./History.ts"
import type { World } from "./World.ts"

const decodeShard = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Struct({
  shard: Schema.Int,
  shards: Schema.Int,
  part: Schema.String
})))
const decodePositions = Schema.decodeUnknownSync(Schema.fromJsonString(Positions))

export interface Snapshot {
  /** Simulation time at which it was written as a whole, in milliseconds. */
  readonly at: number
  readonly positions: Positions
}

/** All that were ever written as a whole, oldest first. */
export const snapshotsOf = ({ history }: World, lane: Lane): ReadonlyArray<Snapshot> => {
  const snapshots: Array<Snapshot> = []
  let parts: Array<string> = []
  for (const { at, value } of history.records("positions", lane)) {
    const shard = Option.getOrThrow(decodeShard(textOf(value)))
    parts = shard.shard === 0 ? [shard.part] : [...parts, shard.part]
    if (parts.length === shard.shards) snapshots.push({ at, positions: decodePositions(parts.join("")) })
  }
  return snapshots
}
