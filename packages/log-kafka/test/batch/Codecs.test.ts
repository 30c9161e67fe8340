/** The decoders of our own unpack whatever their formats can say, and nothing beyond their bounds. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { decompress } from "../../src/batch/codec/Decompress.ts"

/** Literals, each but the last followed by a repetition of what was unpacked before. */
interface Step {
  readonly literal: Uint8Array
  readonly distance: number
  readonly length: number
}

const steps = fc.array(
  fc.record({
    literal: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.uint8Array({ minLength: 250, maxLength: 600 })
    ),
    distance: fc.nat(),
    length: fc.oneof(fc.integer({ min: 4, max: 11 }), fc.integer({ min: 4, max: 700 }))
  }),
  { minLength: 1, maxLength: 8 }
)

const parts = fc.array(steps, { minLength: 1, maxLength: 4 })

/** What the steps mean; distances become ones that exist. */
class Meaning {
  readonly bytes: Array<number> = []
  private readonly floor: number

  constructor(before: ReadonlyArray<number>, floor: number) {
    this.bytes.push(...before)
    this.floor = floor
  }

  take({ distance, length, literal }: Step, isLast: boolean): number {
    this.bytes.push(...literal)
    const real = 1 + distance % Math.min(this.bytes.length - this.floor, 65_535)
    if (!isLast) { for (let at = 0; at < length; at++) this.bytes.push(this.bytes[this.bytes.length - real] ?? 0) }
    return real
  }
}

interface Packed {
  readonly data: Buffer
  readonly meaning: ReadonlyArray<number>
}

type PackStep = (step: Step, distance: number, isLast: boolean) => ReadonlyArray<number>

const packSteps = (all: ReadonlyArray<Step>, meaning: Meaning, pack: PackStep): Packed => {
  const data = all.flatMap((step, index) => {
    const isLast = index === all.length - 1
    return [...pack(step, meaning.take(step, isLast), isLast)]
  })
  return { data: Buffer.from(data), meaning: meaning.bytes }
}

const numberOf = (bytes: number, value: number): ReadonlyArray<number> => {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntLE(value, 0, bytes)
  return [...buffer]
}

const lz4More = (length: number): ReadonlyArray<number> =>
  length < 15 ? [] : [...Buffer.alloc(Math.floor((length - 15) / 255), 255), (length - 15) % 255]

const lz4Step: PackStep = ({ length, literal }, distance, isLast) => {
  const match = length - 4
  const token = Math.min(literal.length, 15) * 16 + (isLast ? 0 : Math.min(match, 15))
  const repetition = isLast ? [] : [...numberOf(2, distance), ...lz4More(match)]
  return [token, ...lz4More(literal.length), ...literal, ...repetition]
}

interface FrameFlags {
  readonly areBlocksIndependent: boolean
  readonly hasBlockChecksums: boolean
  readonly hasContentSize: boolean
}

const packLz4 = (blocks: ReadonlyArray<ReadonlyArray<Step>>, flags: FrameFlags): Packed => {
  const flagBits = 0x40 + Number(flags.areBlocksIndependent) * 0x20 + Number(flags.hasBlockChecksums) * 0x10
    + Number(flags.hasContentSize) * 0x08
  const head = [...numberOf(4, 0x184d2204), flagBits, 0x40, ...(flags.hasContentSize ? numberOf(6, 0) : []), 0]
  const frame: Array<Buffer> = [Buffer.from(flags.hasContentSize ? [...head, 0, 0] : head)]
  let meaning: ReadonlyArray<number> = []
  blocks.forEach((block, index) => {
    const before = meaning.length
    const packed = packSteps(block, new Meaning(meaning, flags.areBlocksIndependent ? before : 0), lz4Step)
    const isStored = index % 3 === 2
    const data = isStored ? Buffer.from(packed.meaning.slice(before)) : packed.data
    meaning = packed.meaning
    frame.push(Buffer.from(numberOf(4, data.length + (isStored ? 2 ** 31 : 0))), data)
    if (flags.hasBlockChecksums) frame.push(Buffer.from([1, 2, 3, 4]))
  })
  return { data: Buffer.concat([...frame, Buffer.alloc(4)]), meaning }
}

const snappyLiteral = (literal: Uint8Array): ReadonlyArray<number> => {
  const size = literal.length - 1
  if (size < 60) return [size * 4, ...literal]
  return size < 256 ? [60 * 4, size, ...literal] : [61 * 4, ...numberOf(2, size), ...literal]
}

/** The three kinds of repetition in turn, each at most as long as it can say. */
const snappyCopies = (length: number, distance: number): ReadonlyArray<number> => {
  const bytes: Array<number> = []
  for (let left = length; left > 0;) {
    if (left >= 4 && left <= 11 && distance < 2_048) {
      return [...bytes, 1 + (left - 4) * 4 + (distance >>> 8) * 32, distance & 0xff]
    }
    const part = Math.min(left, 64)
    bytes.push(
      ...(left % 2 === 0 ? [2 + (part - 1) * 4, ...numberOf(2, distance)] : [
        3 + (part - 1) * 4,
        ...numberOf(4, distance)
      ])
    )
    left -= part
  }
  return bytes
}

const snappyStep: PackStep = ({ length, literal }, distance, isLast) => [
  ...snappyLiteral(literal),
  ...(isLast ? [] : snappyCopies(length, distance))
]

const varint = (value: number): ReadonlyArray<number> =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]

const packSnappy = (block: ReadonlyArray<Step>): Packed => {
  const { data, meaning } = packSteps(block, new Meaning([], 0), snappyStep)
  return { data: Buffer.concat([Buffer.from(varint(meaning.length)), data]), meaning }
}

const framing = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])

const packFramed = (blocks: ReadonlyArray<ReadonlyArray<Step>>): Packed => {
  const packed = blocks.map(packSnappy)
  const data = packed.flatMap(({ data }) => [Buffer.from([...numberOf(4, data.length)].toReversed()), data])
  return { data: Buffer.concat([framing, ...data]), meaning: packed.flatMap(({ meaning }) => meaning) }
}

const snappy = 2
const lz4 = 3
const maxBytes = 1_048_576

const unpacks = (codec: number, { data, meaning }: Packed): void => {
  assert.deepStrictEqual(decompress({ codec, bytes: data, maxBytes }), Buffer.from(meaning))
  assert.deepStrictEqual(decompress({ codec, bytes: data, maxBytes: meaning.length }), Buffer.from(meaning))
  assert.strictEqual(decompress({ codec, bytes: data, maxBytes: meaning.length - 1 }), "too large")
}

const survives = (codec: number, data: Buffer): void => {
  const unpacked = decompress({ codec, bytes: data, maxBytes: 10_000 })
  assert.isTrue(typeof unpacked === "string" || unpacked.length <= 10_000)
}

describe("lz4", () => {
  const flags = fc.record({
    areBlocksIndependent: fc.boolean(),
    hasBlockChecksums: fc.boolean(),
    hasContentSize: fc.boolean()
  })

  it("any frame is unpacked, and bounded", () => {
    fc.assert(fc.property(parts, flags, (blocks, flags) => unpacks(lz4, packLz4(blocks, flags))))
  })

  it("a frame that is cut off is damaged", () => {
    fc.assert(fc.property(parts, flags, fc.nat(), (blocks, flags, cut) => {
      const { data } = packLz4(blocks, flags)
      assert.strictEqual(decompress({ codec: lz4, bytes: data.subarray(0, cut % data.length), maxBytes }), "damaged")
    }))
  })

  it("a repetition does not reach into an independent block before", () => {
    const blocks = [[{ literal: Buffer.from("abcd"), distance: 0, length: 4 }]]
    const { data } = packLz4(blocks, { areBlocksIndependent: true, hasBlockChecksums: false, hasContentSize: false })
    const reaching = Buffer.from([0, 2, 0, 0])
    const frame = [data.subarray(0, -4), Buffer.from(numberOf(4, 4)), reaching, Buffer.alloc(4)]
    assert.strictEqual(decompress({ codec: lz4, bytes: Buffer.concat(frame), maxBytes }), "damaged")
  })
})

describe("snappy", () => {
  it("any bare block is unpacked, and bounded", () => {
    fc.assert(fc.property(steps, (block) => unpacks(snappy, packSnappy(block))))
  })

  it("any framed blocks are unpacked, and bounded", () => {
    fc.assert(fc.property(parts, (blocks) => unpacks(snappy, packFramed(blocks))))
  })

  it("a block that is cut off is damaged", () => {
    fc.assert(fc.property(steps, fc.nat(), (block, cut) => {
      const { data } = packSnappy(block)
      assert.strictEqual(decompress({ codec: snappy, bytes: data.subarray(0, cut % data.length), maxBytes }), "damaged")
    }))
  })
})

describe("zstd", () => {
  it("all frames are unpacked, and bounded together", () => {
    const bytes = Buffer.concat([zstdCompressSync("one, "), zstdCompressSync(""), zstdCompressSync("two")])
    assert.deepStrictEqual(decompress({ codec: 4, bytes, maxBytes: 8 }), Buffer.from("one, two"))
    assert.strictEqual(decompress({ codec: 4, bytes, maxBytes: 7 }), "too large")
  })
})

describe("every codec", () => {
  it("survives any bytes", () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 3, 4), fc.uint8Array({ maxLength: 300 }), (codec, bytes) => {
        survives(codec, Buffer.from(bytes))
      }),
      { numRuns: 1_000 }
    )
  })

  it("survives changed bytes", () => {
    const change = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
    const whole = { areBlocksIndependent: false, hasBlockChecksums: false, hasContentSize: false }
    fc.assert(fc.property(parts, change, (blocks, changes) => {
      const { data: framed } = packFramed(blocks)
      const { data, meaning } = packLz4(blocks, whole)
      const plain = Buffer.from(meaning)
      const packed: ReadonlyArray<readonly [number, Buffer]> = [
        [1, gzipSync(plain)],
        [snappy, framed],
        [lz4, data],
        [4, zstdCompressSync(plain)]
      ]
      for (const [codec, bytes] of packed) {
        for (const [at, value] of changes) bytes[at % bytes.length] = value
        survives(codec, bytes)
      }
    }))
  })
})
