/** The production layers of both ports over the registry: real clients behind the guard. */
import { type DestinationConfig, isStore, type ReceiverConfig, type StoreConfig } from "@tailrace/domain"
import { Effect, Layer, type Result } from "effect"
import { AwsIdentity } from "./aws/AwsIdentity.ts"
import { StoreOwner } from "./aws/sessionName.ts"
import type { AllowedRanges } from "./network/AllowedRanges.ts"
import { Guard } from "./network/Guard.ts"
import { type InvalidDestination, ObjectStores } from "./ObjectStore.ts"
import { Receivers } from "./Receiver.ts"
import { type ReceiverType, receiverTypes, type StoreType, storeTypes } from "./registry.ts"

const storeType = ({ _tag }: StoreConfig): StoreType<StoreConfig> => storeTypes[_tag]

const receiverType = ({ _tag }: ReceiverConfig): ReceiverType<ReceiverConfig> => receiverTypes[_tag]

/**
 * Whether a configuration can be used at all, as far as can be said without a connection: for the API, when a
 * destination is put. The failure names the field.
 */
export const checkDestination = (
  config: DestinationConfig,
  allowed: AllowedRanges
): Result.Result<void, InvalidDestination> =>
  isStore(config) ? storeType(config).check(config, allowed) : receiverType(config).check(config, allowed)

/** What makes two configurations mean the same place: endpoint and bucket, not credentials or prefix. */
export const targetOf = (config: DestinationConfig): string =>
  isStore(config) ? storeType(config).target(config) : receiverType(config).target(config)

/**
 * Stores: `ObjectStoresLive.pipe(Layer.provide(Guard.layer(allowed)))`. Takes `AwsIdentity` where it is provided:
 * without it, stores that use an AWS role cannot be opened.
 */
export const ObjectStoresLive: Layer.Layer<ObjectStores, never, Guard> = Layer.effect(
  ObjectStores,
  Effect.gen(function*() {
    const guard = yield* Guard
    const identity = yield* AwsIdentity
    return ObjectStores.of({
      open: (config, secret, owner) =>
        storeType(config).open(config, secret, guard).pipe(
          Effect.provideService(AwsIdentity, identity),
          Effect.provideService(StoreOwner, owner)
        ),
      target: targetOf
    })
  })
)

/** Receivers: `ReceiversLive.pipe(Layer.provide(Guard.layer(allowed)))`. */
export const ReceiversLive: Layer.Layer<Receivers, never, Guard> = Layer.effect(
  Receivers,
  Effect.map(Guard, (guard) =>
    Receivers.of({
      open: (config, secret, context) => receiverType(config).open(config, secret, { guard, context })
    }))
)
