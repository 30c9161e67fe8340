/**
 * Where the members of an object and of the objects in it stand in the bytes: columns of numbers, filled anew by each
 * scan, so that nothing is allocated for a record. Names are compared as bytes; only one with an escape is decoded.
 */

/** The names that ingest looks at, each with its id. All others are only copied. */
export const nameIds = {
  time: 0,
  event: 1,
  fields: 2,
  recorded: 3,
  logged: 4,
  type: 5,
  eventTime: 6,
  nodeId: 7,
  start: 8,
  end: 9,
  action: 10,
  actor: 11,
  target: 12
} as const
export type Name = keyof typeof nameIds

const encoder = new TextEncoder()
const known = Object.entries(nameIds).map(([name, id]) => ({ id, bytes: encoder.encode(name) }))
const byLength = Array.from({ length: 16 }, (_, length) => known.filter(({ bytes }) => bytes.length === length))
const idOf: ReadonlyMap<string, number> = new Map(Object.entries(nameIds))

const none = -1
const backslash = 0x5c

const equalAt = (bytes: Uint8Array, from: number, name: Uint8Array): boolean => {
  for (let index = 0; index < name.length; index++) if (bytes[from + index] !== name[index]) return false
  return true
}

const decodedId = (text: string): number => {
  const name: unknown = JSON.parse(text)
  return typeof name === "string" ? idOf.get(name) ?? none : none
}

/** Id of the name between two quotes (`from` is the first quote, `to` is after the last); −1: not one of ours. */
const idAt = (bytes: Buffer, from: number, to: number): number => {
  for (const { id, bytes: name } of byLength[to - from - 2] ?? []) if (equalAt(bytes, from + 1, name)) return id
  for (let at = from + 1; at < to; at++) if (bytes[at] === backslash) return decodedId(bytes.toString("utf8", from, to))
  return none
}

/** depth, name with quotes from and to, value from and to; ends are exclusive. */
const width = 5

/** Members in the order in which they stand; those of an inner object directly after the one that holds it. */
export class Members {
  readonly #cells: Array<number> = []

  clear(): void {
    this.#cells.length = 0
  }

  /** Begins a member and answers its slot; `close` says where its value ends. */
  open(depth: number, keyStart: number, keyEnd: number): number {
    const slot = this.#cells.length
    this.#cells.push(depth, keyStart, keyEnd, 0, 0)
    return slot / width
  }

  close(slot: number, valueStart: number, valueEnd: number): void {
    this.#cells[slot * width + 3] = valueStart
    this.#cells[slot * width + 4] = valueEnd
  }

  get count(): number {
    return this.#cells.length / width
  }

  depth(slot: number): number {
    return this.#cells[slot * width] ?? 0
  }

  /** Id of the member's name; −1: not one of ours. */
  idOf(bytes: Buffer, slot: number): number {
    return idAt(bytes, this.keyStart(slot), this.keyEnd(slot))
  }

  keyStart(slot: number): number {
    return this.#cells[slot * width + 1] ?? 0
  }

  keyEnd(slot: number): number {
    return this.#cells[slot * width + 2] ?? 0
  }

  valueStart(slot: number): number {
    return this.#cells[slot * width + 3] ?? 0
  }

  valueEnd(slot: number): number {
    return this.#cells[slot * width + 4] ?? 0
  }
}

/** One object's members among all: from slot `first` on, at `depth`. */
export interface Level {
  readonly first: number
  readonly depth: number
}

/** The slots of the names that ingest knows, in one object. Of two of one name the last holds, as in JSON.parse. */
export class Slots {
  readonly #slots = new Int32Array(known.length)
  #repeated = false

  gather(bytes: Buffer, members: Members, { depth, first }: Level): void {
    this.#slots.fill(none)
    this.#repeated = false
    for (let slot = first; slot < members.count && members.depth(slot) >= depth; slot++) {
      if (members.depth(slot) === depth) this.#note(slot, members.idOf(bytes, slot))
    }
  }

  /** Slot of the name, −1 if there is none. */
  of(name: Name): number {
    return this.#slots[nameIds[name]] ?? none
  }

  /** Slot that holds for the name of this id: the last one, if it stands twice. */
  ofId(id: number): number {
    return this.#slots[id] ?? none
  }

  /** Whether one of the names stands twice. */
  get hasRepeated(): boolean {
    return this.#repeated
  }

  #note(slot: number, id: number): void {
    if (id === none) return
    if (this.#slots[id] !== none) this.#repeated = true
    this.#slots[id] = slot
  }
}
