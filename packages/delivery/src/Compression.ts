/** Compressing one frame: a port, because the real one works on the thread pool and the simulation must not. */
import type { Codec } from "@tailrace/domain"
import { Context, type Effect } from "effect"

export class Compression extends Context.Service<Compression, {
  /** One independent zstd frame or gzip member; `none` answers a copy. `frame` may be reused when it returns. */
  compress(codec: Codec, frame: Uint8Array): Effect.Effect<Uint8Array>
}>()("@tailrace/delivery/Compression") {}
