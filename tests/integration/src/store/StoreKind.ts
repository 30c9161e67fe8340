/** What the conformance table needs to know of a server that keeps objects. */
import type { StoreConfig } from "@tailrace/domain"
import type { Effect, Redacted, Scope } from "effect"
import type { Tool } from "../tool.ts"
import type { ServerError } from "./ServerProcess.ts"

/** What lies on the server, looked at without any code of the destination under test. */
export interface StoredObjects {
  get(key: string): Effect.Effect<Uint8Array>
  head(key: string): Effect.Effect<{
    readonly contentType: string
    readonly contentEncoding: string | null
    readonly metadata: Readonly<Record<string, string>>
  }>
  keys(prefix: string): Effect.Effect<ReadonlyArray<string>>
}

export interface RunningStore {
  readonly url: string
  readonly port: number
  readonly secret: Redacted.Redacted
  readonly objects: StoredObjects
  /** A configuration that works with it, or nearly so. */
  config(more?: { readonly url?: string; readonly container?: string }): StoreConfig
}

export interface StoreKind {
  readonly name: string
  readonly needs: ReadonlyArray<Tool>
  /** How it shows a name of our metadata. */
  metadataName(name: string): string
  /** What the answer says where the bucket or container is missing. */
  readonly missingContainer: string
  /** Until the scope closes, with one container; the folder is for its files. */
  start(folder: string): Effect.Effect<RunningStore, ServerError, Scope.Scope>
}
