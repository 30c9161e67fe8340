/** A stored batch that cannot be read: the lane stops there and says why; nothing is passed over. */
import type { Offset } from "@tailrace/log"

export interface Unreadable {
  readonly _tag: "Unreadable"
  /** What is wrong with the batch; names neither topic nor lane. */
  readonly reason: string
  /** The batch's base offset, or where the reader stood if the batch's own is nonsense. */
  readonly offset: Offset
}
