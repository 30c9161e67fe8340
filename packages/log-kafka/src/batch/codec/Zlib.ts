/** Unpacks gzip and zstd with Node's own libraries, bounded. */
import { gunzipSync, zstdDecompressSync } from "node:zlib"

/** As large as many a batch, so that few pieces are joined. */
const chunkSize = 131_072
/** Nobody writes so many in one batch, unless to keep us busy. */
const maxFrames = 1_000

export type Unpacking = Buffer | "too large" | "damaged"

const attempt = (unpack: () => Buffer): Unpacking => {
  try {
    return unpack()
  } catch (error) {
    const isOver = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE"
    return isOver ? "too large" : "damaged"
  }
}

export const gunzip = (source: Buffer, maxBytes: number): Unpacking =>
  attempt(() => gunzipSync(source, { maxOutputLength: maxBytes, chunkSize }))

interface Frame {
  readonly bytes: Buffer
  /** Bytes of the source that it took. */
  readonly taken: number
}

/** What Node answers to `info: true`, which its types do not tell. */
const frameOf = (answer: unknown): Frame => {
  if (typeof answer !== "object" || answer === null || !("buffer" in answer && "engine" in answer)) {
    throw new TypeError("no information about the zstd frame")
  }
  const { buffer, engine } = answer
  const taken = typeof engine === "object" && engine !== null && "bytesWritten" in engine ? engine.bytesWritten : 0
  if (!Buffer.isBuffer(buffer) || typeof taken !== "number" || taken <= 0) throw new TypeError("an empty zstd frame")
  return { bytes: buffer, taken }
}

/** Node stops after the first frame. */
const unpackFrames = (source: Buffer, maxBytes: number): Buffer => {
  const frames: Array<Buffer> = []
  let left = maxBytes
  for (let at = 0; at < source.length;) {
    if (frames.length === maxFrames) throw new RangeError("too many zstd frames")
    const options = { maxOutputLength: Math.max(1, left), chunkSize, info: true }
    const { bytes, taken } = frameOf(zstdDecompressSync(source.subarray(at), options))
    frames.push(bytes)
    left -= bytes.length
    at += taken
  }
  const [only, ...others] = frames
  return only !== undefined && others.length === 0 ? only : Buffer.concat(frames)
}

export const unzstd = (source: Buffer, maxBytes: number): Unpacking => attempt(() => unpackFrames(source, maxBytes))
