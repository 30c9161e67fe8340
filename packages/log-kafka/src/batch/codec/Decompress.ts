/** The codecs of record batches, by their number in a batch's attributes; what comes out is bounded. */
import { unpackLz4 } from "./Lz4.ts"
import { unpackSnappy } from "./Snappy.ts"
import { Unpacked } from "./Unpacked.ts"
import { gunzip, type Unpacking, unzstd } from "./Zlib.ts"

export const noCodec = 0
const lastCodec = 4

/** Whether Kafka has a codec of this number. */
export const isCodec = (codec: number): boolean => codec >= noCodec && codec <= lastCodec

/** Most logs pack to a fourth or better. */
const likelyFactor = 4

const unpackWith = (
  unpack: (source: Buffer, out: Unpacked) => boolean,
  source: Buffer,
  maxBytes: number
): Unpacking => {
  const out = new Unpacked(likelyFactor * source.length, maxBytes)
  if (unpack(source, out)) return out.bytes
  return out.isOver ? "too large" : "damaged"
}

export interface Packed {
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly codec: number
  readonly bytes: Buffer
  /** Of what comes out. */
  readonly maxBytes: number
}

/** What comes out lies in memory of its own, unless nothing was packed. */
export const decompress = ({ bytes, codec, maxBytes }: Packed): Unpacking => {
  switch (codec) {
    case 1:
      return gunzip(bytes, maxBytes)
    case 2:
      return unpackWith(unpackSnappy, bytes, maxBytes)
    case 3:
      return unpackWith(unpackLz4, bytes, maxBytes)
    case 4:
      return unzstd(bytes, maxBytes)
    default:
      return bytes.length > maxBytes ? "too large" : bytes
  }
}
