/** Receivers as production opens them, with this machine allowed. */
import { Guard, loopback, type ReceiverContext, Receivers, ReceiversLive } from "@tailrace/destinations"
import { DestinationId, type ReceiverConfig } from "@tailrace/domain"
import { Effect, Layer, Redacted } from "effect"

export const localReceivers = ReceiversLive.pipe(Layer.provide(Guard.layer(loopback)))

export const contextOf = (topic: ReceiverContext["topic"]): ReceiverContext => ({
  destination: DestinationId.make("dst_test"),
  topic,
  lane: 0
})

export const openReceiver = Effect.fnUntraced(
  function*(config: ReceiverConfig, secret: string, topic: ReceiverContext["topic"] = "flow") {
    return yield* (yield* Receivers).open(config, Redacted.make(secret), contextOf(topic))
  }
)
