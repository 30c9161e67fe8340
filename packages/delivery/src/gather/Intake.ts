/**
 * What a reader sees of a leg: its place in the lane, and whether it takes records. Windows (`Gather`) take them for
 * stores, batches (`receiving/Batching`) for receivers. Changed only within the synchronous pass of a reader, or by the
 * leg's own fiber between two steps.
 */
import type { Offset } from "@tailrace/log"
import type { Checked } from "../read/Checked.ts"

/** `off`: only a place is kept. `live`: fed by the lane's live reader. `catching`: fed by a catch-up reader. */
export type Mode = "off" | "live" | "catching"

export interface Intake {
  mode: Mode
  /** Records before it are not taken. While not live: where reading goes on. */
  at: Offset
  /** Retention has overtaken `at`: nothing before this can be read. */
  expiredTo: Offset | null
  /** Whether a catch-up reader can give it something. */
  readonly isHungry: boolean
  /** It reads a range again and cannot be fed live before that is done. */
  readonly isRereading: boolean
  /**
   * Takes records [start, end) of a chunk, all of this leg's tailnet. Answers the index of the first one that it could
   * not take, or `end`.
   */
  feed(checked: Checked, start: number, end: number): number
  /** The reader has passed everything before `next`. */
  passed(next: Offset): void
}
