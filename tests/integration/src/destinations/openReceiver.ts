/** Receivers as delivery opens them, for services on this machine. */
import { Guard, loopback, Receivers, ReceiversLive } from "@tailrace/destinations"
import { DestinationId, type ReceiverConfig } from "@tailrace/domain"
import { Effect, Layer, Redacted } from "effect"

/** Every name leads to this machine. */
export const localReceivers = ReceiversLive.pipe(
  Layer.provide(Guard.layer(loopback, (_, answer) => answer(null, [{ address: "127.0.0.1", family: 4 }])))
)

export const destination = DestinationId.make("dst_integration")

export const openReceiver = (config: ReceiverConfig, secret: string, topic: "audit" | "flow" = "flow") =>
  Effect.flatMap(
    Receivers,
    (receivers) => receivers.open(config, Redacted.make(secret), { destination, topic, lane: 3 })
  )
