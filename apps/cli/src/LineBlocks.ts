/** Cuts a stream of bytes into blocks of whole lines, so that each can be posted by itself. */
import { Effect, Stream } from "effect"
import { Usage } from "./Failure.ts"

/** Some whole lines. */
export interface LineBlock {
  readonly bytes: Uint8Array
  readonly lines: number
  /** Number of the first line in the whole input, from 1. */
  readonly firstLine: number
}

const newline = 0x0a

/** A longer line is no record: records are at most 1 MiB. */
const maxLineBytes = 2 ** 20 + 4_096

const countLines = (bytes: Uint8Array): number => {
  let count = 0
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) count++
  return count
}

/** What is left of the last line, and how many lines went by. */
interface Carry {
  readonly rest: Uint8Array
  readonly lines: number
}

const empty: Carry = { rest: new Uint8Array(0), lines: 0 }

const cut = (carry: Carry, piece: Uint8Array): readonly [Carry, ReadonlyArray<LineBlock>] => {
  const end = piece.lastIndexOf(newline) + 1
  const rest = Buffer.concat([end > 0 ? empty.rest : carry.rest, piece.subarray(end)])
  if (end === 0) return [{ ...carry, rest }, []]
  const bytes = Buffer.concat([carry.rest, piece.subarray(0, end)])
  const lines = countLines(bytes)
  return [{ rest, lines: carry.lines + lines }, [{ bytes, lines, firstLine: carry.lines + 1 }]]
}

const step = (carry: Carry, piece: Uint8Array): Effect.Effect<readonly [Carry, ReadonlyArray<LineBlock>], Usage> => {
  const [next, blocks] = cut(carry, piece)
  if (next.rest.length <= maxLineBytes) return Effect.succeed([next, blocks])
  return Effect.fail(new Usage({ message: `line ${next.lines + 1} is over 1 MiB: is the input NDJSON?` }))
}

/** Blocks in order; a last line without an end gets one. */
export const lineBlocks = <E, R>(input: Stream.Stream<Uint8Array, E, R>): Stream.Stream<LineBlock, E | Usage, R> =>
  input.pipe(
    Stream.mapAccumEffect(() => empty, step, {
      onHalt: ({ lines, rest }) =>
        rest.length === 0 ? [] : [{ bytes: Buffer.concat([rest, Buffer.from("\n")]), lines: 1, firstLine: lines + 1 }]
    })
  )
