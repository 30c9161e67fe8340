/** Compressing one frame: a port, because the real one works on the thread pool and the simulation must not. */
import zstd from "@mongodb-js/zstd"
import type { Codec } from "@tailrace/domain"
import { Context, Effect, Layer } from "effect"
import { gzip } from "node:zlib"

/** Fast, and within a few per cent of what higher levels save on logs. */
const zstdLevel = 3

const gzipped = (frame: Uint8Array): Effect.Effect<Uint8Array> =>
  Effect.callback((resume) => {
    gzip(frame, (error, member) => resume(error === null ? Effect.succeed(member) : Effect.die(error)))
  })

const zstandard = (frame: Uint8Array): Effect.Effect<Uint8Array> =>
  Effect.promise(() => zstd.compress(Buffer.from(frame.buffer, frame.byteOffset, frame.length), zstdLevel))

export class Compression extends Context.Service<Compression, {
  /** One independent zstd frame or gzip member; `none` answers a copy. `frame` may be reused when it returns. */
  compress(codec: Codec, frame: Uint8Array): Effect.Effect<Uint8Array>
}>()("@tailrace/delivery/Compression") {
  static readonly layer = Layer.succeed(
    Compression,
    Compression.of({
      compress: (codec, frame) => {
        if (codec === "zstd") return zstandard(frame)
        return codec === "gzip" ? gzipped(frame) : Effect.sync(() => frame.slice())
      }
    })
  )
}
