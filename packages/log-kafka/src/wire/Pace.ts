/**
 * How soon a fact that turned out to be untrue is asked for again: at once the first time, then after 100 ms, doubled
 * up to 2 s while doubts about it go on. Plain state, one entry for each name.
 */

const firstMillis = 100
const maxMillis = 2_000
/** Doubts further apart than this have nothing to do with each other. */
const relatedMillis = 10_000

interface Doubt {
  /** Number of the asking that settles it. */
  readonly needs: number
  readonly at: number
  /** Doubts about the same before this one, each soon after the other. */
  readonly before: number
}

export interface Doubted {
  readonly name: string
  /** Number of the next asking. */
  readonly next: number
  /** Milliseconds of the clock. */
  readonly now: number
}

export class Pace {
  private readonly doubts = new Map<string, Doubt>()

  /** Many may doubt at once: until the next asking has begun, it is one doubt. */
  doubt({ name, next, now }: Doubted): void {
    const last = this.doubts.get(name)
    if (last !== undefined && last.needs >= next) return
    const before = last !== undefined && now - last.at < relatedMillis ? last.before + 1 : 0
    this.doubts.set(name, { needs: next, at: now, before })
  }

  /** Number of the oldest asking whose answer will do; 1 where nothing was doubted. */
  needs(name: string): number {
    return this.doubts.get(name)?.needs ?? 1
  }

  /** Milliseconds until it may be asked for. */
  waitMillis(name: string, now: number): number {
    const last = this.doubts.get(name)
    if (last === undefined || last.before === 0) return 0
    return Math.max(0, last.at + Math.min(maxMillis, firstMillis * 2 ** (last.before - 1)) - now)
  }
}
