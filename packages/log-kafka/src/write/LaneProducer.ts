/** Whom one lane of one topic appends as, and how far it has counted. Not for sending. */
import type { LogError } from "@tailrace/log"
import { Effect } from "effect"
import type { Producers } from "./Producers.ts"
import { advanced, type Producer, restamp, type Stamp } from "./Stamp.ts"

export class LaneProducer {
  private readonly producers: Producers
  private producer: Producer | undefined
  private isBroken = false
  private sequence = 0

  constructor(producers: Producers) {
    this.producers = producers
  }

  /** A producer whose sequence is whole: the one that is there, or another one. */
  readonly ready: Effect.Effect<Producer, LogError> = Effect.suspend(() =>
    this.producer !== undefined && !this.isBroken ? Effect.succeed(this.producer) : this.another
  )

  /** The place of the next batch of so many records, which is taken with it. */
  next({ producerEpoch, producerId }: Producer, count: number): Stamp {
    const baseSequence = this.sequence
    this.sequence = advanced(baseSequence, count)
    return { producerId, producerEpoch, baseSequence }
  }

  /** A batch is not known to be stored: nothing more must be sent in this sequence. */
  break(): void {
    this.isBroken = true
  }

  /** Gives the batch of so many records to another producer, as the first one that it sends. */
  move(batch: Buffer, count: number): Effect.Effect<void, LogError> {
    return Effect.map(this.another, (producer) => restamp(batch, this.next(producer, count)))
  }

  private readonly another: Effect.Effect<Producer, LogError> = Effect.suspend(() =>
    Effect.map(this.producers.after(this.producer), (producer) => {
      this.producer = producer
      this.isBroken = false
      this.sequence = 0
      return producer
    })
  )
}
