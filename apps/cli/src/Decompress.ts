/**
 * The content of a delivered object: zstd frames, gzip members or plain NDJSON, told apart by their first bytes.
 * Objects are at most 64 MiB compressed, so they are held whole; what comes out is passed on frame by frame.
 */
import * as NodeStream from "@effect/platform-node/NodeStream"
import { Effect, Schema, Stream } from "effect"
import { createGunzip, createZstdDecompress } from "node:zlib"

/** The object is not whole. */
export class Damaged extends Schema.TaggedError<Damaged>()("Damaged", { reason: Schema.String }) {
  override get message(): string {
    return `the object is cut off or damaged (${this.reason})`
  }
}

const startsWith = (bytes: Uint8Array, magic: ReadonlyArray<number>): boolean =>
  magic.every((byte, index) => bytes[index] === byte)

/** Node's decompressor stops silently after one frame, and an object has a frame for each 4 MiB: one at a time. */
const zstdFrame = (rest: Uint8Array) =>
  Effect.callback<readonly [Uint8Array, Uint8Array | undefined], Damaged>((resume) => {
    const parts: Array<Uint8Array> = []
    const decompressor = createZstdDecompress()
    decompressor.on("data", (part: Uint8Array) => parts.push(part))
    decompressor.on("error", (error) => resume(Effect.fail(new Damaged({ reason: error.message }))))
    decompressor.on("end", () => {
      const after = rest.subarray(decompressor.bytesWritten)
      resume(Effect.succeed([Buffer.concat(parts), after.length === 0 ? undefined : after]))
    })
    decompressor.end(rest)
    return Effect.sync(() => decompressor.destroy())
  })

const zstd = (bytes: Uint8Array): Stream.Stream<Uint8Array, Damaged> =>
  Stream.unfold(bytes, (rest: Uint8Array | undefined) => rest === undefined ? Effect.undefined : zstdFrame(rest))

const gunzip = (bytes: Uint8Array): Stream.Stream<Uint8Array, Damaged> =>
  Stream.succeed(bytes).pipe(
    NodeStream.pipeThroughDuplex({
      evaluate: () => createGunzip(),
      onError: (error) => new Damaged({ reason: error instanceof Error ? error.message : String(error) })
    })
  )

export const decompressed = (bytes: Uint8Array): Stream.Stream<Uint8Array, Damaged> => {
  if (startsWith(bytes, [0x28, 0xb5, 0x2f, 0xfd])) return zstd(bytes)
  return startsWith(bytes, [0x1f, 0x8b]) ? gunzip(bytes) : Stream.succeed(bytes)
}
