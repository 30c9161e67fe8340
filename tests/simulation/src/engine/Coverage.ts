/** Counts what a run has really met: faults, crash points, actor states. A thing never met proves nothing. */

export class Coverage {
  readonly counts = new Map<string, number>()

  hit(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
  }

  add(counts: Iterable<readonly [string, number]>): void {
    for (const [name, count] of counts) this.counts.set(name, (this.counts.get(name) ?? 0) + count)
  }

  of(name: string): number {
    return this.counts.get(name) ?? 0
  }
}
