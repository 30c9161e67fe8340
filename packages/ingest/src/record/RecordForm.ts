/**
 * What a scanned record is, told from the first byte of its members' values: the same answer as the domain's
 * `kindOfRecord` on the parsed record (a property test holds them together), without parsing it.
 */
import type { LogType } from "@tailrace/domain"
import { type Level, type Members, type Name, Slots } from "../json/Members.ts"

const quote = 0x22
const brace = 0x7b

export class RecordForm {
  readonly slots = new Slots()
  #bytes: Buffer = Buffer.alloc(0)
  #members: Members | undefined

  read(bytes: Buffer, members: Members, level: Level): void {
    this.#bytes = bytes
    this.#members = members
    this.slots.gather(bytes, members, level)
  }

  has(name: Name): boolean {
    return this.slots.of(name) >= 0
  }

  /** The log type; undefined: neither an audit nor a flow record, or both. */
  get kind(): LogType | undefined {
    const audit = this.#begins("action", quote) && this.#begins("actor", brace) && this.#begins("target", brace)
    const flow = this.#begins("nodeId", quote) && this.#begins("start", quote) && this.#begins("end", quote)
    if (audit === flow) return undefined
    return audit ? "configuration" : "network"
  }

  #begins(name: Name, byte: number): boolean {
    const slot = this.slots.of(name)
    return slot >= 0 && this.#bytes[this.#members?.valueStart(slot) ?? 0] === byte
  }
}
