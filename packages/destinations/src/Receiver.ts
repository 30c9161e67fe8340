/**
 * The port of every destination that takes records as they come, in small requests: a SIEM, or anything that speaks its
 * protocol. A type says how records become a body, what one request may hold, and what an answer means. Batching,
 * retries, concurrency, compression, quarantine and metrics are the leg's; a receiver makes one attempt.
 */
import type {
  Capabilities,
  Codec,
  DestinationId,
  ReceiverAnswer,
  ReceiverConfig,
  ReceiverProbe,
  RefusedItem
} from "@tailrace/domain"
import { Context, type Effect, type Redacted, type Scope } from "effect"
import type { InvalidDestination } from "./ObjectStore.ts"

/** Records as they lie in the log: one JSON object in the export form each, `logged` in front, no newline inside. */
export interface Records {
  readonly bytes: Uint8Array
  readonly count: number
  /** Where each begins in `bytes`, and where it ends (exclusive). */
  readonly starts: ArrayLike<number>
  readonly ends: ArrayLike<number>
  /** Rise, with gaps. */
  readonly offsets: ArrayLike<number>
}

/** What one request may hold, as the service's documentation has it, or less where that is known to be safer. */
export interface ReceiverLimits {
  /** Of the body before compression. */
  readonly requestBytes: number
  readonly requestRecords: number
  /** Of one encoded record; a larger one is refused. */
  readonly recordBytes: number
  /** Requests under way at once, at most. */
  readonly inFlight: number
  /** Compressions that the service takes; another one that is configured is left out. */
  readonly codecs: ReadonlyArray<Codec>
}

/** What came of encoding records from the front. */
export interface Encoded {
  /** Bytes of the body in `into`; 0: all that were looked at are refused. */
  readonly bytes: number
  /** Records looked at, from the front: encoded or refused. At least 1. */
  readonly taken: number
  /** Records that this service can never take, known before it is asked (too large, too old); indexes rise. */
  readonly refused: ReadonlyArray<RefusedItem>
}

export interface ReceiverRequest {
  /** Compressed with `codec`; belongs to the receiver until it has answered. */
  readonly body: Uint8Array
  readonly codec: Codec
  /** Records in it. */
  readonly count: number
  /** Bytes before compression. */
  readonly contentBytes: number
}

export interface Receiver {
  readonly limits: ReceiverLimits
  /**
   * Writes as many records from the front as one request may hold to `into`, which has `limits.requestBytes`. Pure but
   * for `into`; synchronous, by slices of the bytes. `nowMillis` is wall-clock time.
   */
  encode(records: Records, into: Uint8Array, nowMillis: number): Encoded
  /** One attempt; always answers, a defect is a bug. Interruption aborts. `known`: what the last probe found. */
  send(request: ReceiverRequest, known: Capabilities): Effect.Effect<ReceiverAnswer>
  /**
   * Finds out whether records could be sent, and what the service can do. `look` changes nothing there; `sample` sends
   * one event that is marked as a test, so that its answer can be shown.
   */
  probe(kind: "look" | "sample"): Effect.Effect<ReceiverProbe>
}

/** Whose records: parts of deterministic ids, where a service takes them. */
export interface ReceiverContext {
  readonly destination: DestinationId
  readonly topic: "audit" | "flow"
  readonly lane: number
}

/** Opens receivers; production opens real clients behind the guard, the simulation its own. */
export class Receivers extends Context.Service<Receivers, {
  open(
    config: ReceiverConfig,
    secret: Redacted.Redacted,
    context: ReceiverContext
  ): Effect.Effect<Receiver, InvalidDestination, Scope.Scope>
}>()("@tailrace/destinations/Receivers") {}
