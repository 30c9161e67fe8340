/** The production layers of both ports over the registry: real clients behind the guard. */
import type { DestinationConfig, ReceiverConfig, StoreConfig } from "@tailrace/domain"
import { isStore } from "@tailrace/domain"
import { Effect, Layer, Result } from "effect"
import { AwsIdentity } from "./aws/AwsIdentity.ts"
import { StoreOwner } from "./aws/sessionName.ts"
import type { AllowedRanges } from "./network/AllowedRanges.ts"
import { Guard } from "./network/Guard.ts"
import { InvalidDestination, ObjectStores } from "./ObjectStore.ts"
import { Receivers } from "./Receiver.ts"
import { type ReceiverType, receiverTypes, type StoreType, storeTypes } from "./registry.ts"

const unknown = (type: string) =>
  new InvalidDestination({ field: "destinationType", reason: `${type} is not supported` })

const storeType = (config: StoreConfig): Result.Result<StoreType<StoreConfig>, InvalidDestination> =>
  Result.fromNullishOr(storeTypes[config._tag], () => unknown(config._tag))

const receiverType = (config: ReceiverConfig): Result.Result<ReceiverType<ReceiverConfig>, InvalidDestination> =>
  Result.fromNullishOr(receiverTypes[config._tag], () => unknown(config._tag))

/**
 * Whether a configuration can be used at all, as far as can be said without a connection: for the API, when a
 * destination is put. The failure names the field.
 */
export const checkDestination = (
  config: DestinationConfig,
  allowed: AllowedRanges
): Result.Result<void, InvalidDestination> =>
  isStore(config)
    ? Result.flatMap(storeType(config), (type) => type.check(config, allowed))
    : Result.flatMap(receiverType(config), (type) => type.check(config, allowed))

/** What makes two configurations mean the same place: endpoint and bucket, not credentials or prefix. */
export const targetOf = (config: DestinationConfig): string => {
  const type = isStore(config)
    ? Result.map(storeType(config), (it) => it.target(config))
    : Result.map(receiverType(config), (it) => it.target(config))
  return Result.getOrElse(type, () => config._tag)
}

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
        Effect.fromResult(storeType(config)).pipe(
          Effect.flatMap((type) => type.open(config, secret, guard)),
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
      open: (config, secret, context) =>
        Effect.flatMap(Effect.fromResult(receiverType(config)), (type) => type.open(config, secret, { guard, context }))
    }))
)
