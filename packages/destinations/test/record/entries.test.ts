// Table: which records go into one body, to the byte.
import { assert, describe, it } from "@effect/vitest"
import { type Entry, fillEntries, type Framing } from "../../src/record/entries.ts"
import { asRecords } from "../hec/asRecords.ts"

/** Entries of so many bytes; 0: refused. */
const ofSizes = (sizes: ReadonlyArray<number>): Entry => {
  let size = 0
  return {
    measure: (index) => (size = sizes[index] ?? 0) === 0 ? "not this one" : size,
    write: (into, at) => {
      into.fill(0x78, at, at + size)
      return at + size
    }
  }
}

interface Room {
  readonly framing: Framing
  readonly bytes: number
  readonly goalBytes?: number
  readonly requestRecords?: number
}

const fill = (sizes: ReadonlyArray<number>, { bytes, framing, requestRecords = 10, ...goal }: Room) => {
  const into = Buffer.alloc(bytes)
  const limits = { recordBytes: 8, requestRecords }
  const encoded = fillEntries(asRecords(sizes.map(() => "")), into, { limits, framing, entry: ofSizes(sizes), ...goal })
  return { ...encoded, text: into.toString("latin1", 0, encoded.bytes) }
}

describe("what one body holds", () => {
  it.each<[ReadonlyArray<number>, Room, readonly [taken: number, text: string]]>([
    [[3, 3], { framing: "lines", bytes: 6 }, [2, "xxxxxx"]],
    [[3, 3], { framing: "lines", bytes: 5 }, [1, "xxx"]],
    [[3, 3], { framing: "array", bytes: 9 }, [2, "[xxx,xxx]"]],
    [[3, 3], { framing: "array", bytes: 8 }, [1, "[xxx]"]],
    [[3, 1], { framing: "array", bytes: 7 }, [2, "[xxx,x]"]],
    [[8], { framing: "array", bytes: 10 }, [1, "[xxxxxxxx]"]],
    [[8, 1], { framing: "lines", bytes: 9, goalBytes: 4 }, [1, "xxxxxxxx"]],
    [[2, 2, 1], { framing: "lines", bytes: 9, goalBytes: 4 }, [2, "xxxx"]],
    [[2, 2], { framing: "array", bytes: 9, goalBytes: 7 }, [2, "[xx,xx]"]],
    [[2, 2], { framing: "array", bytes: 9, goalBytes: 6 }, [1, "[xx]"]],
    [[1, 1, 1], { framing: "lines", bytes: 9, requestRecords: 2 }, [2, "xx"]],
    [[0, 2, 0, 2], { framing: "array", bytes: 9 }, [4, "[xx,xx]"]],
    [[0, 0], { framing: "array", bytes: 9 }, [2, ""]]
  ])("%j in %j: %j", (sizes, room, [taken, text]) => {
    const filled = fill(sizes, room)
    assert.deepStrictEqual([filled.taken, filled.text, filled.bytes], [taken, text, text.length])
  })

  it("says which are refused, and why", () => {
    const { refused } = fill([0, 2, 9], { framing: "lines", bytes: 20 })
    assert.deepStrictEqual(refused, [
      { index: 0, reason: "not this one" },
      { index: 2, reason: "is 9 bytes, and this service takes at most 8" }
    ])
  })
})
