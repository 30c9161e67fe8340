/**
 * Virtual time and the one run queue of a simulation. Everything that happens is either a task (now) or a timer
 * (later), in one order that depends on nothing but the seed. It knows nothing of Effect: `Process` plugs fibers in.
 */

/** Whose task or timer it is: what a dead one has left behind never runs, what is due for a frozen one waits. */
export interface Life {
  readonly alive: boolean
  readonly frozen?: boolean
}

interface Timer {
  readonly at: number
  readonly seq: number
  readonly life: Life
  readonly run: () => void
  cancelled: boolean
}

/** Work that belongs to the world itself and cannot die. */
export const immortal: Life = { alive: true }

const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.seq < b.seq)

/** More tasks than this without time moving on is a live-lock. */
const maxTasksPerInstant = 2_000_000

export class Timeline {
  /** Milliseconds since the simulation began. */
  now = 0
  #seq = 0
  #tasks: Array<{ readonly life: Life; readonly run: () => void }> = []
  #head = 0
  readonly #timers: Array<Timer> = []
  /** What was due for lives that are frozen. */
  readonly #held = new Map<Life, Array<() => void>>()

  /** Runs `run` as soon as what is queued before it is done. */
  soon(life: Life, run: () => void): void {
    this.#tasks.push({ life, run })
  }

  /** Runs `run` after `millis` of virtual time, unless cancelled or its owner is dead by then. */
  after(millis: number, life: Life, run: () => void): () => void {
    const timer: Timer = { at: this.now + Math.max(0, millis), seq: this.#seq++, life, run, cancelled: false }
    this.#push(timer)
    return () => {
      timer.cancelled = true
    }
  }

  /** What was due for `life` while it was frozen is due now, in its order. */
  thaw(life: Life): void {
    const held = this.#held.get(life) ?? []
    this.#held.delete(life)
    for (const run of held) this.soon(life, run)
  }

  /** Lets things happen until `done`, until nothing is left to happen, or until time `until`. */
  run(until: number, done: () => boolean): "done" | "idle" | "time" {
    for (;;) {
      this.#drain()
      if (done()) return "done"
      const next = this.#peek()
      if (next === undefined) return "idle"
      if (next.at > until) {
        this.now = Math.max(this.now, until)
        return "time"
      }
      this.#pop()
      this.now = next.at
      this.#give(next.life, () => {
        if (!next.cancelled) next.run()
      })
    }
  }

  #give(life: Life, run: () => void): void {
    if (!life.alive) return
    if (life.frozen !== true) return run()
    const held = this.#held.get(life)
    if (held === undefined) this.#held.set(life, [run])
    else held.push(run)
  }

  #drain(): void {
    let ran = 0
    for (let task = this.#tasks[this.#head]; task !== undefined; task = this.#tasks[this.#head]) {
      this.#head++
      this.#give(task.life, task.run)
      if (++ran > maxTasksPerInstant) throw new Error(`live-lock: time stands still at ${this.now} ms`)
    }
    this.#tasks = []
    this.#head = 0
  }

  #peek(): Timer | undefined {
    for (let top = this.#timers[0]; top !== undefined; top = this.#timers[0]) {
      if (!top.cancelled && top.life.alive) return top
      this.#pop()
    }
    return undefined
  }

  #push(timer: Timer): void {
    const heap = this.#timers
    let index = heap.length
    heap.push(timer)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent]
      if (above === undefined || before(above, timer)) break
      heap[index] = above
      index = parent
    }
    heap[index] = timer
  }

  #pop(): void {
    const heap = this.#timers
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      const child = this.#smallerChild(index)
      const below = heap[child]
      if (below === undefined || before(last, below)) break
      heap[index] = below
      index = child
    }
    heap[index] = last
  }

  #smallerChild(index: number): number {
    const left = this.#timers[2 * index + 1]
    const right = this.#timers[2 * index + 2]
    return left !== undefined && right !== undefined && before(right, left) ? 2 * index + 2 : 2 * index + 1
  }
}
