/**
 * Where the records of a leg to a store come in: its place in the lane, and the windows that they fill. Plain state,
 * changed only within the synchronous pass of a reader or by the leg's own fiber between two steps. It decides nothing.
 */
import type { Codec } from "@tailrace/domain"
import type { Offset } from "@tailrace/log"
import type { Limits } from "../Limits.ts"
import type { Checked } from "../read/Checked.ts"
import type { VersionRules } from "../ruling/RuleBook.ts"
import { filteredBefore, firstKept, ruled } from "../ruling/ruled.ts"
import type { Budget } from "./Budget.ts"
import type { Framer } from "./Framer.ts"
import { copy, copyAgain, type Rebuild, type Run } from "./copy.ts"
import type { Intake, Mode } from "./Intake.ts"
import { Window } from "./Window.ts"

export interface GatherOptions {
  readonly limits: Limits
  readonly budget: Budget
  readonly framer: Framer
  /** Codec of a window that begins now. */
  readonly codec: () => Codec
  /** Rules of a window that begins now. */
  readonly rules: () => VersionRules | null
  /** Records were filtered. */
  readonly filtered: (count: number) => void
  /** Something changed that the leg's fiber should look at. */
  readonly wake: () => void
}

/** What an open seal says of its content. */
export interface Sealed {
  readonly codec: Codec
  readonly skipped: ReadonlyArray<Offset>
  readonly rules: VersionRules | null
}

export class Gather implements Intake {
  mode: Mode = "off"
  at: Offset = 0
  /** The window that fills. */
  window: Window | null = null
  /** A window at its end that waits to be sealed. */
  full: Window | null = null
  rebuild: Rebuild | null = null
  /** The range of the open seal has been read again. */
  rebuilt: Window | null = null
  expiredTo: Offset | null = null
  private readonly options: GatherOptions

  constructor(options: GatherOptions) {
    this.options = options
  }

  get isHungry(): boolean {
    return this.mode === "catching" && this.expiredTo === null && this.rebuilt === null && !this.isStuffed &&
      !this.isLost
  }

  get isRereading(): boolean {
    return this.rebuild !== null || this.rebuilt !== null
  }

  /** Both windows are full: it cannot take a record before one is sent. */
  get isStuffed(): boolean {
    return this.full !== null && this.window !== null && this.isAtEnd(this.window)
  }

  /** The spool lost a part of a window: it must be gathered again. */
  get isLost(): boolean {
    return this.windows.some((window) => window.broken)
  }

  get windows(): ReadonlyArray<Window> {
    return [this.window, this.full, this.rebuild?.window ?? null, this.rebuilt].filter((window) => window !== null)
  }

  /** Of the window that the next record goes into. */
  private get rulesInForce(): VersionRules | null {
    const present = this.window
    return present !== null && !this.isAtEnd(present) ? present.rules : this.options.rules()
  }

  private get isBroken(): boolean {
    return this.window?.broken === true || this.full?.broken === true
  }

  feed(checked: Checked, start: number, end: number): number {
    const { offsets } = checked.chunk
    let from = start
    while (from < end && (offsets[from] ?? 0) < this.at) from++
    if (this.isBroken) return from
    if (this.rebuild !== null) copyAgain(this.rebuild, { checked, from, end })
    if (this.rebuild !== null || from === end) return end
    const rules = this.rulesInForce
    if (rules === null) return this.take({ checked, from, end })
    return this.takeKept(ruled(rules, { checked, from, end }, (index) => checked.refused.has(index)))
  }

  passed(next: Offset): void {
    const rebuild = this.rebuild
    if (rebuild === null) {
      this.at = Math.max(this.at, next)
    } else if (next >= rebuild.to) {
      this.at = rebuild.to
      this.rebuilt = rebuild.window
      this.rebuild = null
      this.options.wake()
    } else this.at = Math.max(this.at, next)
  }

  /** Reads [from, to) again for an open seal. */
  beginRebuild(from: Offset, to: Offset, { codec, rules, skipped }: Sealed) {
    this.at = from
    this.rebuild = { to, skipped: new Set(skipped), window: this.newWindow(from, codec, rules) }
    if (from === to) this.passed(to)
  }

  /** Takes the window that fills, ended at `to`, unless it is empty. */
  takeWindow(to: Offset): Window | null {
    const window = this.window
    this.window = null
    if (window === null) return null
    window.to = to
    return window
  }

  takeFull(): Window | null {
    const full = this.full
    this.full = null
    const window = this.window
    if (window !== null && this.mode !== "live" && this.isAtEnd(window)) this.end(window, this.at)
    return full
  }

  takeRebuilt(): Window | null {
    const rebuilt = this.rebuilt
    this.rebuilt = null
    return rebuilt
  }

  /** Forgets what was gathered and keeps only a place; answers the windows, to be released. */
  detach(at: Offset): ReadonlyArray<Window> {
    const windows = this.windows
    this.mode = "off"
    this.at = at
    this.window = null
    this.full = null
    this.rebuild = null
    this.rebuilt = null
    this.expiredTo = null
    return windows
  }

  /** Index of the first record that it could not take, or the run's end. */
  private take(run: Run): number {
    const { checked: { chunk: { offsets } }, end, from } = run
    const window = this.windowAt(offsets[from] ?? 0)
    if (window === null) return from
    copy(window, run)
    if (this.isAtEnd(window)) this.end(window, (offsets[end - 1] ?? 0) + 1)
    return end
  }

  /** Filtered records begin no window: the leg's place passes them as it passes those of other tailnets. */
  private takeKept(run: Run): number {
    const first = firstKept(run)
    const taken = first === run.end ? first : this.take({ ...run, from: first })
    this.options.filtered(filteredBefore(run, taken))
    return taken
  }

  /** The window for a record at `offset`, or null if there is no room for another window. */
  private windowAt(offset: Offset): Window | null {
    const present = this.window
    if (present !== null && !this.isAtEnd(present)) return present
    if (present !== null) {
      if (this.full !== null) return null
      this.end(present, offset)
    }
    this.window = this.newWindow(offset, this.options.codec(), this.options.rules())
    this.options.wake()
    return this.window
  }

  private end(window: Window, to: Offset): void {
    if (this.full !== null) return
    window.to = to
    this.full = window
    this.window = null
    this.options.wake()
  }

  private newWindow(from: Offset, codec: Codec, rules: VersionRules | null): Window {
    const { budget, framer } = this.options
    return new Window({ from, codec, rules, budget, ...framer })
  }

  private isAtEnd(window: Window): boolean {
    const { limits } = this.options
    return window.estimatedBytes >= limits.objectBytes
      || window.skipped.length >= limits.refusedRecords
      || window.refusedBytes >= limits.refusedBytes
  }
}
