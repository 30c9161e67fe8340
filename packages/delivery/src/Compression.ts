/** Compressing one frame: a port, because the real one works on the thread pool and the simulation must not. */
import zstd from "@mongodb-js/zstd"
import type { Codec } from "@tailrace/domain"
import { Context, Effect, Layer } from "effect"
import { gzip } from "node:zlib"

/** Objects are kept and read for years; the body of a request lives for a moment, and has to be cheap. */
export type Purpose = "object" | "request"

/** For objects: fast, and within a few per cent of what higher levels save on logs. For requests: the fastest. */
const zstdLevels = { object: 3, request: 1 } as const
const gzipLevels = { object: 6, request: 1 } as const

/** A compressed frame comes in few pieces. */
const chunkSize = 128 * 1024

const gzipped = (frame: Uint8Array, purpose: Purpose): Effect.Effect<Uint8Array> =>
  Effect.callback((resume) => {
    gzip(frame, { level: gzipLevels[purpose], chunkSize }, (error, member) =>
      resume(error === null ? Effect.succeed(member) : Effect.die(error)))
  })

const zstandard = (frame: Uint8Array, purpose: Purpose): Effect.Effect<Uint8Array> =>
  Effect.promise(() => zstd.compress(Buffer.from(frame.buffer, frame.byteOffset, frame.length), zstdLevels[purpose]))

export class Compression extends Context.Service<Compression, {
  /**
   * One independent zstd frame or gzip member; `none` answers a copy. `frame` may be reused when it returns.
   *
   * @param purpose what it is for; by default an object
   */
  compress(codec: Codec, frame: Uint8Array, purpose?: Purpose): Effect.Effect<Uint8Array>
}>()("@tailrace/delivery/Compression") {
  static readonly layer = Layer.succeed(
    Compression,
    Compression.of({
      compress: (codec, frame, purpose = "object") => {
        if (codec === "zstd") return zstandard(frame, purpose)
        return codec === "gzip" ? gzipped(frame, purpose) : Effect.sync(() => frame.slice())
      }
    })
  )
}
