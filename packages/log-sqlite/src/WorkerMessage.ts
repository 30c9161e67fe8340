/** What the log and its worker say to each other. Buffers are transferred, never copied. */
import type { Lane, Offset, Topic } from "@tailrace/log"
import type { Batch } from "./BatchBuilder.ts"
import type { HeaderPair } from "./BatchFormat.ts"

export interface WorkerOptions {
  readonly directory: string
  /** Given, so that the worker loads nothing but Node's own modules. */
  readonly topics: ReadonlyArray<Topic>
  readonly lanes: number
  /** Bound of the file in bytes; `undefined`: the disk. */
  readonly maxFileBytes: number | undefined
}

/** One lane of one topic. */
export interface Place {
  readonly topic: Topic
  readonly lane: Lane
}

export interface CommitPart extends Place {
  readonly batches: ReadonlyArray<Batch>
}

/** Milliseconds since the epoch before which a topic's records expire; absent: never. */
export type Cutoffs = Partial<Readonly<Record<Topic, number>>>

export type Question =
  | { readonly kind: "commit"; readonly now: number; readonly parts: ReadonlyArray<CommitPart> }
  | Place & { readonly kind: "read"; readonly from: Offset }
  | Place & { readonly kind: "offsetAt"; readonly time: number }
  | Place & { readonly kind: "expire"; readonly before: Offset }
  | { readonly kind: "maintain"; readonly cutoffs: Cutoffs }
  | { readonly kind: "limit"; readonly full: boolean }
  | { readonly kind: "close" }

export type Request = Question & { readonly id: number }

/** A chunk as the worker lays it out; `headers` only of records that have some. */
export interface ChunkMessage {
  readonly next: Offset
  readonly count: number
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly starts: Uint32Array<ArrayBuffer>
  readonly lengths: Int32Array<ArrayBuffer>
  readonly offsets: Float64Array<ArrayBuffer>
  readonly times: Float64Array<ArrayBuffer>
  readonly keyOf: Uint32Array<ArrayBuffer>
  readonly keys: ReadonlyArray<string | null>
  readonly headers: ReadonlyArray<HeaderPair>
}

/** What one commit gave to one lane of one topic. */
export interface Written extends Place {
  readonly base: Offset
  readonly next: Offset
}

export interface PlaceBounds extends Place {
  readonly earliest: Offset
  readonly next: Offset
}

export type Answer =
  /** `spare`: buffers of the batches, given back. */
  | {
    readonly kind: "committed"
    readonly written: ReadonlyArray<Written>
    readonly spare: ReadonlyArray<ArrayBuffer>
  }
  | { readonly kind: "chunk"; readonly chunk: ChunkMessage }
  | { readonly kind: "expired"; readonly earliest: Offset }
  | { readonly kind: "offset"; readonly offset: Offset }
  /** `more`: ask again, there is another slice of work. `bounds`: what has changed. */
  | { readonly kind: "maintained"; readonly more: boolean; readonly bounds: ReadonlyArray<PlaceBounds> }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly full: boolean; readonly reason: string }

export type Reply = Answer & { readonly id: number }

/** The worker's first message. */
export type Opened =
  | { readonly kind: "opened"; readonly bounds: ReadonlyArray<PlaceBounds> }
  | { readonly kind: "inUse" }
  | { readonly kind: "unusable"; readonly reason: string }
