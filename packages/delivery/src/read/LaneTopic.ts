/**
 * One of the two record topics on one lane, and the legs that read it: how far the live reader is, who is fed live and
 * who catches up. Plain state shared by the two readers; each changes it only between two waits.
 */
import type { Lane, Offset } from "@tailrace/log"
import { Latch } from "effect"
import type { Intake } from "../gather/Intake.ts"

export type RecordTopic = "audit" | "flow"

/** What a reader needs to know of a leg. */
export interface Reading {
  readonly tailnet: string
  readonly intake: Intake
}

export class LaneTopic {
  readonly lane: Lane
  readonly topic: RecordTopic
  /** The live reader has handed out everything before it. */
  next: Offset
  /** As `next`, and strays before it are in quarantine: what `positions` may call done. */
  done: Offset
  /** Names the batch that the live reader read last. */
  mark: string
  readonly readings = new Map<string, Set<Reading>>()
  readonly catching = new Set<Reading>()
  /** Open while the live reader may go on; closed while a catch-up reader joins it. */
  readonly mayRead = Latch.makeUnsafe(true)
  /** Opened when a leg may have become hungry. */
  readonly hungry = Latch.makeUnsafe(false)

  constructor(lane: Lane, topic: RecordTopic, { mark, next }: { readonly next: Offset; readonly mark: string }) {
    this.lane = lane
    this.topic = topic
    this.next = next
    this.done = next
    this.mark = mark
  }

  add(reading: Reading): void {
    const present = this.readings.get(reading.tailnet)
    if (present === undefined) this.readings.set(reading.tailnet, new Set([reading]))
    else present.add(reading)
  }

  remove(reading: Reading): void {
    this.catching.delete(reading)
    const present = this.readings.get(reading.tailnet)
    present?.delete(reading)
    if (present?.size === 0) this.readings.delete(reading.tailnet)
  }

  /** Everything before it is in the leg's hands, or was not for it. */
  positionOf(intake: Intake): Offset {
    return intake.mode === "live" ? Math.max(intake.at, this.next) : intake.at
  }

  /** Feeds the leg from its place on: live at once if nothing lies between, else by a catch-up reader. */
  attach(reading: Reading): void {
    const { intake } = reading
    // A leg that is fed live already has its place in `next`, not in `at`: it must not be read again from there.
    if (intake.mode === "live") return
    if (!intake.isRereading && intake.at >= this.next) {
      intake.mode = "live"
      this.catching.delete(reading)
      return
    }
    intake.mode = "catching"
    this.catching.add(reading)
    this.hungry.openUnsafe()
  }

  /** The live reader could not hand over the record at `offset`: the leg goes on from there later. */
  fallBehind(reading: Reading, offset: Offset): void {
    reading.intake.at = offset
    reading.intake.mode = "catching"
    this.catching.add(reading)
    this.hungry.openUnsafe()
  }

  /** The leg is no longer fed. */
  detach(reading: Reading): void {
    this.catching.delete(reading)
  }
}
