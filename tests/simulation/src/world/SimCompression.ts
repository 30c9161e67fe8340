/** Compression that the checker can undo: each frame is marked with its codec and length, and reversed byte by byte. */
import { Compression } from "@tailrace/delivery"
import type { Codec } from "@tailrace/domain"
import { Effect } from "effect"
import type { Process } from "../engine/Process.ts"
import type { World } from "./World.ts"

const marks = { zstd: 0x5a, gzip: 0x47 } as const
const headerBytes = 5

export const compressed = (codec: Codec, frame: Uint8Array): Uint8Array => {
  if (codec === "none") return frame.slice()
  const out = new Uint8Array(headerBytes + frame.length)
  out[0] = marks[codec]
  new DataView(out.buffer).setUint32(1, frame.length)
  for (let index = 0; index < frame.length; index++) out[headerBytes + index] = (frame[index] ?? 0) ^ 0xff
  return out
}

/** The content of an object: its frames joined. Undefined: it is not of this codec. */
export const uncompressed = (codec: Codec, body: Uint8Array): Uint8Array | undefined => {
  if (codec === "none") return body
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const out = new Uint8Array(body.length)
  let position = 0
  let written = 0
  while (position < body.length) {
    if (body[position] !== marks[codec] || position + headerBytes > body.length) return undefined
    const length = view.getUint32(position + 1)
    position += headerBytes
    if (position + length > body.length) return undefined
    for (let index = 0; index < length; index++) out[written + index] = (body[position + index] ?? 0) ^ 0xff
    written += length
    position += length
  }
  return out.slice(0, written)
}

export const simCompression = (world: World, process: Process): Compression["Service"] =>
  Compression.of({
    compress: (codec, frame) =>
      Effect.suspend(() => {
        if (!process.alive || !world.step({ process, name: "compress", phase: "before" })) return Effect.never
        const out = compressed(codec, frame)
        return Effect.as(process.sleep(world.dice.next() * 5), out)
      })
  })
