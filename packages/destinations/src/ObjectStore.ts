/**
 * The port of every destination that keeps objects: two requests, each answered with a class of DESIGN's closed set.
 * Batching, retries, keys, compression and metrics are the leg's; a store makes one attempt and never retries.
 */
import type { Answer, DestinationConfig, Inspection, StoreConfig } from "@tailrace/domain"
import type { Owner } from "./aws/sessionName.ts"
import { Context, type Effect, type Redacted, Schema, type Scope } from "effect"

export interface ObjectToPut {
  readonly key: string
  readonly body: Uint8Array
  readonly contentType: string
  /** Object metadata; names as in `x-amz-meta-<name>`. `seal` is read back by `inspect`. */
  readonly metadata: Readonly<Record<string, string>>
  /** Send `If-None-Match: *`. */
  readonly onlyIfAbsent: boolean
}

/** Both calls always answer: what went wrong is a class of `Answer`, a defect is a bug. Interruption aborts. */
export interface ObjectStore {
  put(object: ObjectToPut): Effect.Effect<Answer>
  inspect(key: string): Effect.Effect<Inspection>
}

/** The configuration cannot be used at all: for example an endpoint that the guard refuses. */
export class InvalidDestination extends Schema.TaggedError<InvalidDestination>()("InvalidDestination", {
  field: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.field}: ${this.reason}`
  }
}

/** Opens stores; production opens real clients behind the guard, the simulation its own. */
export class ObjectStores extends Context.Service<ObjectStores, {
  /** `owner` names the sessions of an AWS role. */
  open(
    config: StoreConfig,
    secret: Redacted.Redacted,
    owner?: Owner
  ): Effect.Effect<ObjectStore, InvalidDestination, Scope.Scope>
  /** Equal for two configurations that mean the same place: endpoint and bucket, not credentials or prefix. */
  target(config: DestinationConfig): string
}>()("@tailrace/destinations/ObjectStores") {}
