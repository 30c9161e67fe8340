/**
 * Compresses the frames of all windows of a process, a few at a time, off the main thread; spools what is over a leg's
 * share. Frames wait in a queue that the byte budget bounds: whoever fills it waits for the budget.
 */
import { type Cause, Effect, Latch, Queue } from "effect"
import { Compression } from "../Compression.ts"
import { DeliveryLimits } from "../Limits.ts"
import { Spool } from "../Spool.ts"
import { Pages } from "./Pages.ts"
import type { Frame } from "./Frame.ts"
import type { Window } from "./Window.ts"

interface Job {
  readonly window: Window
  readonly frame: Frame
}

export interface Framer {
  readonly pages: Pages
  /** All windows that hold memory, those on their way to a destination included. */
  readonly windows: Set<Window>
  /** Takes a frame for compression; returns at once. */
  readonly cut: (window: Window, frame: Frame) => void
  /** Waits while many frames wait: who reads goes at the speed of compression, not ahead of it. */
  readonly ready: Effect.Effect<void>
}

/** Frames compressed at the same time: the cores of a small machine. */
const concurrency = 2

/** Frames that may wait or be under way before readers wait themselves. */
const waitingMax = 2 * concurrency

export const makeFramer = Effect.gen(function*() {
  const compression = yield* Compression
  const spool = yield* Spool
  const limits = yield* DeliveryLimits
  const jobs = yield* Queue.unbounded<Job, Cause.Done>()
  const few = Latch.makeUnsafe(true)
  let waiting = 0

  const work = Effect.gen(function*() {
    const { frame, window } = yield* Queue.take(jobs)
    const raw = frame.raw ?? new Uint8Array()
    window.framed(frame, yield* compression.compress(window.codec, raw))
    if (--waiting < waitingMax) few.openUnsafe()
    if (window.inMemoryBytes > limits.legShareBytes) yield* window.spill(spool.open, 0)
  })

  yield* Effect.forever(work).pipe(
    Effect.replicateEffect(concurrency, { concurrency, discard: true }),
    Effect.catchTag("Done", () => Effect.void),
    Effect.forkScoped
  )
  const framer: Framer = {
    pages: new Pages(limits.frameBytes),
    windows: new Set(),
    cut: (window, frame) => {
      if (++waiting >= waitingMax) few.closeUnsafe()
      Queue.offerUnsafe(jobs, { window, frame })
    },
    ready: Effect.suspend(() => few.await)
  }
  return framer
})
