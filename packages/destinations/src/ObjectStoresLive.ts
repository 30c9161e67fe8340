/** The list of destination types, and the production layer of `ObjectStores` over it. A new type is one line here. */
import type { DestinationConfig } from "@tailrace/domain"
import { Effect, Layer, type Redacted, type Result } from "effect"
import type { AllowedRanges } from "./network/AllowedRanges.ts"
import { Guard } from "./network/Guard.ts"
import { type InvalidDestination, ObjectStores } from "./ObjectStore.ts"
import { checkS3Config, s3Target } from "./s3/S3Endpoint.ts"
import { openS3Store } from "./s3/S3Store.ts"

/** What the folder of a destination type has to offer. */
const destinationTypes = {
  s3: { check: checkS3Config, open: openS3Store, target: s3Target }
}

/**
 * Whether a configuration can be used at all, as far as can be said without a connection: for the API, when a
 * destination is put. The failure names the field.
 */
export const checkDestination = (
  config: DestinationConfig,
  allowed: AllowedRanges
): Result.Result<void, InvalidDestination> => destinationTypes[config._tag].check(config, allowed)

/** Real clients behind the guard: `ObjectStoresLive.pipe(Layer.provide(Guard.layer(allowed)))`. */
export const ObjectStoresLive: Layer.Layer<ObjectStores, never, Guard> = Layer.effect(
  ObjectStores,
  Effect.map(Guard, (guard) =>
    ObjectStores.of({
      open: (config: DestinationConfig, secret: Redacted.Redacted) =>
        destinationTypes[config._tag].open(config, secret, guard),
      target: (config) => destinationTypes[config._tag].target(config)
    }))
)
