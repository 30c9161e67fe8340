/** Adapter: what a zstd object holds, all frames of it. */
import { createZstdDecompress } from "node:zlib"

/** Node's decompressor stops behind each frame without a word, unless the content so far just fills its memory. */
export async function zstdContent(body: Uint8Array): Promise<Uint8Array> {
  const parts: Array<Uint8Array> = []
  for (let rest = body; rest.length > 0;) {
    const engine = createZstdDecompress({ chunkSize: 1_048_576 })
    engine.end(rest)
    for await (const part of engine) if (part instanceof Uint8Array) parts.push(part)
    rest = rest.subarray(engine.bytesWritten)
  }
  return Buffer.concat(parts)
}
