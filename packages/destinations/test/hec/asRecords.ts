/** Texts as the log holds them, with something between them. */
import type { Records } from "../../src/Receiver.ts"

export const asRecords = (texts: ReadonlyArray<string>): Records => {
  const pieces = texts.map((text) => Buffer.from(`${text}#`))
  const starts: Array<number> = []
  const ends: Array<number> = []
  let at = 0
  for (const piece of pieces) {
    starts.push(at)
    at += piece.length
    ends.push(at - 1)
  }
  return {
    bytes: Buffer.concat(pieces),
    count: texts.length,
    starts,
    ends,
    offsets: texts.map((_, index) => index * 3)
  }
}
