/**
 * The limit of rule 10: more than 20 refused records in a row, or 5 % of the last 1,000, are no poison but a fault of
 * the configuration. Nothing of an answer that goes beyond goes to quarantine.
 */
import type { Send } from "../world/Indexes.ts"
import type { World } from "../world/World.ts"
import type { Report } from "./Legs.ts"

const rowMax = 20
const lastCount = 1_000
const lastMax = lastCount / 20

interface Where {
  readonly name: string
  readonly process: string
  readonly claim: number
  readonly destination: string
  readonly lane: number
}

/** Counts the answers of one leg's life, in the order in which they came. */
export class Refused {
  #row = 0
  readonly #last: Array<boolean> = []
  /** Refused beyond the limit, and when. */
  readonly #banned = new Map<number, number>()
  /** Beyond the limit, and nothing was taken since. */
  #beyond = false

  /** @returns whether what it refuses is beyond the limit */
  answered(send: Send, told: ReadonlyArray<string>): boolean {
    let beyond = this.#beyond && !told.includes("taken")
    for (const one of told) {
      if (one !== "taken" && one !== "refused") continue
      this.#row = one === "taken" ? 0 : this.#row + 1
      this.#last.push(one === "refused")
      if (this.#last.length > lastCount) this.#last.shift()
      if (this.#row > rowMax || this.#last.filter((refused) => refused).length > lastMax) beyond = true
    }
    this.#beyond = beyond
    // What is beyond the limit is tried again and again, and counts no more.
    if (beyond) {
      this.#row = 0
      this.#last.length = 0
    }
    send.items.forEach(({ offset }, at) => {
      if (told[at] !== "refused") return
      if (beyond) this.#banned.set(offset, send.answeredAt)
      else this.#banned.delete(offset)
    })
    return beyond
  }

  check({ coverage, history }: World, where: Where, report: Report): void {
    if (this.#banned.size > 0) coverage.hit("fault: refusals beyond the limit")
    for (const { claim, headers, key } of history.records("quarantine", where.lane)) {
      const offset = Number(headers?.["offset"] ?? -1)
      if (key !== where.destination || claim !== where.claim || !this.#banned.has(offset)) continue
      report("poison limit", `${where.name}: ${offset} is in quarantine, though refused beyond the limit`)
    }
  }
}
