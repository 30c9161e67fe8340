/**
 * The records of one leg for one upload period: copied into pages, cut into frames, compressed elsewhere, hashed in
 * order. Where it is cut does not matter; its uncompressed content is a function of the records alone.
 */
import type { Codec } from "@tailrace/domain"
import type { Offset } from "@tailrace/log"
import { Effect, Exit, Latch, Scope, Semaphore } from "effect"
import { createHash } from "node:crypto"
import { SpoolError, type SpoolFile } from "../Spool.ts"
import type { Budget } from "./Budget.ts"
import { type CompressedFrame, firstInMemory, type Frame, runFrom } from "./Frame.ts"
import type { VersionRules } from "../ruling/RuleBook.ts"
import type { Pages } from "./Pages.ts"

const firstPageBytes = 8 * 1024
const newline = 0x0a

/** A record that does not go into the object, with its bytes for the quarantine. */
export interface RefusedRecord {
  readonly offset: Offset
  readonly value: Uint8Array
  readonly reason: string
}

export interface WindowOptions {
  readonly from: Offset
  readonly codec: Codec
  /** What its records were filtered and redacted by; null: nothing. */
  readonly rules: VersionRules | null
  readonly pages: Pages
  /** Where the window is to be found as long as it holds memory. */
  readonly windows: Set<Window>
  readonly budget: Budget
  /** Called when a frame is cut; whoever takes it compresses it and calls `framed`. */
  readonly cut: (window: Window, frame: Frame) => void
}

/** Gives memory that nobody else looks at back at once: waiting for collections costs many, each of the whole heap. */
const free = (bytes: Uint8Array): void => {
  const { buffer } = bytes
  if (buffer instanceof ArrayBuffer && bytes.length === buffer.byteLength) buffer.transfer(0)
}

export class Window {
  readonly from: Offset
  /** Exclusive end; set when the window ends. */
  to: Offset
  readonly codec: Codec
  readonly rules: VersionRules | null
  count = 0
  contentBytes = 0
  compressedBytes = 0
  readonly skipped: Array<Offset> = []
  readonly refused: Array<RefusedRecord> = []
  refusedBytes = 0
  /** The spool lost a frame: the records must be read again. */
  broken = false
  private framedBytes = 0
  private memoryBytes = 0
  private page: Uint8Array<ArrayBuffer> | null = null
  /** A window that fills whole frames is given whole frames. */
  private firstPageBytes = firstPageBytes
  private used = 0
  private pending = 0
  private released = false
  /** A frame was handed out as the object's body: its memory may be in a request. */
  private lent = false
  private readonly frames: Array<Frame> = []
  private readonly hash = createHash("sha256")
  private readonly settledLatch = Latch.makeUnsafe(true)
  /** Several who compress may find at once that it is over its share. */
  private readonly spilling = Semaphore.makeUnsafe(1)
  private readonly options: WindowOptions
  private spool: { readonly file: SpoolFile; readonly scope: Scope.Closeable } | null = null

  constructor(options: WindowOptions) {
    this.options = options
    this.from = options.from
    this.to = options.from
    this.codec = options.codec
    this.rules = options.rules
    options.windows.add(this)
  }

  /** Compressed size, what is not compressed yet estimated from what is. */
  get estimatedBytes(): number {
    const ratio = this.framedBytes === 0 ? 0.2 : this.compressedBytes / this.framedBytes
    const waiting = this.contentBytes - this.framedBytes
    return this.compressedBytes + waiting * (this.codec === "none" ? 1 : ratio)
  }

  get inMemoryBytes(): number {
    return this.memoryBytes
  }

  get pageBytes(): number {
    return this.used
  }

  /** Appends bytes that hold whole records, each ended by a newline but perhaps the last. */
  append(bytes: Uint8Array, start: number, end: number): void {
    let at = start
    while (at < end) {
      const page = this.room(end - at)
      const size = Math.min(end - at, page.length - this.used)
      page.set(bytes.subarray(at, at + size), this.used)
      this.used += size
      at += size
      if (this.used === this.options.pages.frameBytes) this.cut()
    }
    this.contentBytes += end - start
    if (bytes[end - 1] !== newline) this.newline()
  }

  refuse(record: RefusedRecord): void {
    this.skipped.push(record.offset)
    this.refused.push(record)
    this.refusedBytes += record.value.length
  }

  /** Ends the present frame, full or not. */
  cut(): void {
    if (this.page === null || this.used === 0) return
    const raw = this.page.subarray(0, this.used)
    const frame = { raw, page: this.page, compressed: null, spooledAt: -1, compressedBytes: 0, isWriting: false }
    this.hash.update(raw)
    this.firstPageBytes = this.used === this.options.pages.frameBytes ? this.used : firstPageBytes
    this.page = null
    this.used = 0
    this.pending++
    this.settledLatch.closeUnsafe()
    this.frames.push(frame)
    this.options.cut(this, frame)
  }

  /** The frame is compressed; its raw bytes are given back. */
  framed(frame: Frame, compressed: Uint8Array): void {
    this.framedBytes += frame.raw?.length ?? 0
    if (frame.page !== null) this.giveBack(frame.page)
    frame.raw = null
    frame.page = null
    this.pending--
    if (!this.released) this.keep(frame, compressed)
    if (this.pending === 0) this.settledLatch.openUnsafe()
  }

  /** Waits until every frame that was cut is compressed. */
  readonly settled: Effect.Effect<void> = Effect.suspend(() => this.settledLatch.await)

  /** Cuts the last frame; SHA-256 of the whole content, hex. The window takes nothing more. */
  finish(): string {
    this.cut()
    return this.hash.digest("hex")
  }

  /** Moves compressed frames from memory to the spool, down to `keepBytes`. */
  spill(open: Effect.Effect<SpoolFile, SpoolError, Scope.Scope>, keepBytes: number): Effect.Effect<void> {
    return Effect.gen({ self: this }, function*() {
      while (!this.released && this.memoryBytes > keepBytes) {
        const some = firstInMemory(this.frames, this.memoryBytes - keepBytes)
        if (some.length === 0) return
        yield* this.spillFrames(some, open)
      }
    }).pipe(Effect.catch(() => Effect.sync(() => this.lose())), this.spilling.withPermits(1))
  }

  /** The object's body; holds `compressedBytes` more in memory. */
  readonly body: Effect.Effect<Uint8Array, SpoolError> = Effect.suspend(() => this.assemble())

  /** Gives back all memory and the spool file. */
  readonly release: Effect.Effect<void> = Effect.suspend(() => {
    this.drop()
    const spool = this.spool
    this.spool = null
    // After what is being written just now: it would make the file anew.
    return spool === null ? Effect.void : this.spilling.withPermits(1)(Scope.close(spool.scope, Exit.void))
  })

  private lose(): void {
    this.broken = true
    this.drop()
  }

  /** Gives back memory at once; the spool file goes with `release`. */
  drop(): void {
    if (this.released) return
    this.released = true
    this.options.windows.delete(this)
    this.options.budget.give(this.memoryBytes)
    this.memoryBytes = 0
    if (this.page !== null) this.giveBack(this.page)
    this.page = null
    this.used = 0
    for (const frame of this.frames) this.forget(frame)
  }

  private keep(frame: Frame, compressed: Uint8Array): void {
    frame.compressed = compressed
    frame.compressedBytes = compressed.length
    this.compressedBytes += compressed.length
    this.memoryBytes += compressed.length
    this.options.budget.take(compressed.length)
  }

  private spillFrames(
    frames: ReadonlyArray<CompressedFrame>,
    open: Effect.Effect<SpoolFile, SpoolError, Scope.Scope>
  ): Effect.Effect<void, SpoolError> {
    return Effect.gen({ self: this }, function*() {
      if (this.spool === null) {
        const scope = yield* Scope.make()
        this.spool = { scope, file: yield* open.pipe(Scope.provide(scope)) }
      }
      for (const frame of frames) frame.isWriting = true
      let at = yield* this.spool.file.append(frames.map(({ compressed }) => compressed))
      for (const frame of frames) {
        this.spooled(frame, at)
        at += frame.compressedBytes
      }
    })
  }

  private spooled(frame: Frame, at: number): void {
    frame.isWriting = false
    if (this.released || frame.compressed === null) return
    frame.spooledAt = at
    this.forget(frame)
    this.memoryBytes -= frame.compressedBytes
    this.options.budget.give(frame.compressedBytes)
  }

  private forget(frame: Frame): void {
    if (frame.compressed !== null && !this.lent && !frame.isWriting) free(frame.compressed)
    frame.compressed = null
  }

  private assemble(): Effect.Effect<Uint8Array, SpoolError> {
    return Effect.gen({ self: this }, function*() {
      const only = this.frames.length === 1 ? this.frames[0]?.compressed : null
      if (only !== null && only !== undefined) {
        this.lent = true
        return only
      }
      const body = new Uint8Array(Buffer.allocUnsafeSlow(this.compressedBytes).buffer)
      let at = 0
      for (let index = 0; index < this.frames.length;) {
        const { bytes, end } = runFrom(this.frames, index)
        const place = body.subarray(at, at + bytes)
        const frame = this.frames[index]
        if (frame?.compressed) place.set(frame.compressed)
        else yield* this.readBack(frame?.spooledAt ?? -1, place)
        at += bytes
        index = end
      }
      return body
    })
  }

  private readBack(spooledAt: number, place: Uint8Array): Effect.Effect<void, SpoolError> {
    if (this.spool !== null && spooledAt >= 0) return this.spool.file.read(spooledAt, place)
    return Effect.fail(new SpoolError({ reason: "the window was given up" }))
  }

  private newline(): void {
    const page = this.room(1)
    page[this.used++] = newline
    this.contentBytes++
    if (this.used === this.options.pages.frameBytes) this.cut()
  }

  private giveBack(page: Uint8Array<ArrayBuffer>): void {
    this.options.budget.give(page.length)
    this.options.pages.give(page)
  }

  /** A page with room for at least one byte, for `wanted` if it may grow so far. */
  private room(wanted: number): Uint8Array<ArrayBuffer> {
    const { budget, pages } = this.options
    const needed = Math.min(pages.frameBytes, this.used + wanted)
    const page = this.page
    if (page !== null && page.length >= needed) return page
    let size = Math.min(pages.frameBytes, page === null ? this.firstPageBytes : page.length * 2)
    while (size < needed) size = Math.min(pages.frameBytes, size * 2)
    const grown = pages.take(size)
    budget.take(size)
    if (page !== null) {
      grown.set(page.subarray(0, this.used))
      this.giveBack(page)
    }
    this.page = grown
    return grown
  }
}
