/**
 * Request bodies without their `Content-Encoding`, in pieces of bounded size. Several gzip members or zstd frames in
 * one body are one body (`zstd -T0` and our own objects are made so): `node:zlib` stops after the first zstd frame
 * without a word, so each frame gets a decompressor of its own, until all bytes are used.
 */
import * as NodeStream from "@effect/platform-node/NodeStream"
import { Effect, Stream } from "effect"
import { constants, createGunzip, createZstdDecompress } from "node:zlib"
import { BodyUnreadable, UnsupportedEncoding } from "./RequestFault.ts"

export type Coding = "identity" | "gzip" | "zstd"

const codings: ReadonlyMap<string, Coding> = new Map([
  ["", "identity"],
  ["identity", "identity"],
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["zstd", "zstd"]
])

/** The coding that a `Content-Encoding` header names. */
export const codingOf = (header: string | undefined): Effect.Effect<Coding, UnsupportedEncoding> => {
  const encoding = (header ?? "").trim().toLowerCase()
  const coding = codings.get(encoding)
  return coding === undefined ? Effect.fail(new UnsupportedEncoding({ encoding })) : Effect.succeed(coding)
}

/** Frames or members of one body; each costs a decompressor. */
const maxFrames = 1024

const engines = {
  gzip: () => createGunzip({ chunkSize: 256 * 1024 }),
  zstd: () =>
    createZstdDecompress({
      // Smaller output pieces make zlib's zstd several times slower.
      chunkSize: 1_048_576,
      // 8 MiB: what RFC 8878 asks a decoder for; `zstd` up to level 19 needs no more.
      params: { [constants.ZSTD_d_windowLogMax]: 23 }
    })
} as const

const unreadable = (reason: string) => new BodyUnreadable({ reason })

/** Decompresses a whole body; `use` gets piece after piece, and its failure stops the work. */
export const decompress = Effect.fnUntraced(function*<E>(
  coding: "gzip" | "zstd",
  compressed: Uint8Array,
  use: (piece: Uint8Array) => Effect.Effect<void, E>
) {
  let rest = compressed
  for (let frame = 0; rest.length > 0; frame++) {
    if (frame === maxFrames) return yield* unreadable(`more than ${maxFrames} ${coding} frames`)
    const engine = engines[coding]()
    const input = rest
    yield* NodeStream.fromReadable({
      evaluate: () => {
        engine.end(input)
        return engine
      },
      onError: () => unreadable(`not ${coding}`)
    }).pipe(Stream.runForEach(use))
    if (engine.bytesWritten === 0) return yield* unreadable(`not ${coding}`)
    rest = rest.subarray(engine.bytesWritten)
  }
})
