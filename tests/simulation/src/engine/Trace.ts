/** What happened, in order: a hash that two runs of one seed must share, and the lines for whoever reads a failure. */

/** How many lines are kept to be shown. */
const keptLines = 50_000

export class Trace {
  #a = 0x9dc5811c
  #b = 0x01937045
  readonly lines: Array<string> = []
  readonly #keep: boolean

  /** `keep`: remember the lines too, which costs memory. */
  constructor(keep: boolean) {
    this.#keep = keep
  }

  add(line: string): void {
    for (let i = 0; i < line.length; i++) {
      const code = line.charCodeAt(i)
      this.#a = Math.imul(this.#a ^ code, 0x9e3779b1)
      this.#b = Math.imul(this.#b ^ code, 0x5f356495) + 1
    }
    this.#a ^= this.#b >>> 13
    if (this.#keep && this.lines.length < keptLines) this.lines.push(line)
  }

  hash(): string {
    return (this.#a >>> 0).toString(16).padStart(8, "0") + (this.#b >>> 0).toString(16).padStart(8, "0")
  }
}
