/**
 * Where compressed frames wait when memory is short: one file for each open leg. A cache: what it loses is read again
 * from the log. Never the truth.
 */
import { Context, type Effect, Schema, type Scope } from "effect"

/** The spool lost something, or has no space: the leg reads its records again from the log. */
export class SpoolError extends Schema.TaggedError<SpoolError>()("SpoolError", { reason: Schema.String }) {}

export interface SpoolFile {
  /** Appends one frame; answers where it lies. */
  append(frame: Uint8Array): Effect.Effect<number, SpoolError>
  read(position: number, bytes: number): Effect.Effect<Uint8Array, SpoolError>
}

export class Spool extends Context.Service<Spool, {
  /** An empty file, removed when the scope closes. */
  readonly open: Effect.Effect<SpoolFile, SpoolError, Scope.Scope>
}>()("@tailrace/delivery/Spool") {}
