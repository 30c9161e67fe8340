/** Seeded randomness of the simulation: small, fast, and forked by name so that one consumer never disturbs another. */

const hashOf = (text: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** Mulberry32 over a 32-bit state: good enough to draw faults from, and the same on every machine. */
export class Prng {
  readonly #seed: number
  #state: number

  constructor(seed: number) {
    this.#seed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0
    this.#state = this.#seed
  }

  /** A generator of its own for one purpose; the same name always gives the same one. */
  fork(name: string): Prng {
    return new Prng(this.#seed ^ hashOf(name))
  }

  /** From 0 (inclusive) to 1 (exclusive). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  /** A whole number from `min` to `max`, both inclusive. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1))
  }

  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability
  }

  pick<A>(list: readonly [A, ...ReadonlyArray<A>]): A
  pick<A>(list: ReadonlyArray<A>): A | undefined
  pick<A>(list: ReadonlyArray<A>): A | undefined {
    return list[this.int(0, list.length - 1)]
  }

  /** One of the keys, as often as its weight says; the rest of the time `otherwise`. */
  weighted<K extends string, O extends string>(weights: Readonly<Record<K, number>>, otherwise: O): K | O {
    let left = this.next()
    for (const key in weights) {
      left -= weights[key]
      if (left < 0) return key
    }
    return otherwise
  }
}
