/**
 * Secrets of destinations: encrypted (AES-256-GCM, one data key for each version, wrapped by the master key) in the
 * compacted topic `secrets`, named by version in events, and shredded by a tombstone. Write-only for everybody but
 * the sender.
 */
import type { TailnetName } from "@tailrace/domain"
import type { LogError } from "@tailrace/log"
import { Context, type Effect, type Option, type Redacted } from "effect"

/** Names one version of one secret. The tailnet decides the lane. */
export interface SecretRef {
  readonly tailnet: TailnetName
  readonly destination: string
  readonly version: string
}

export class Secrets extends Context.Service<Secrets, {
  /** Durable when it returns; written before the event that names it. */
  put(ref: SecretRef, secret: Redacted.Redacted): Effect.Effect<void, LogError>
  /** None: never written, or shredded. Waits for the fold of the topic. */
  get(ref: SecretRef): Effect.Effect<Option.Option<Redacted.Redacted>, LogError>
  shred(ref: SecretRef): Effect.Effect<void, LogError>
}>()("@tailrace/event-store/Secrets") {}
