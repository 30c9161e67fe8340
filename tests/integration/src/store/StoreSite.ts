/** A running server of some kind and the production layer before it: what most tests of stores begin with. */
import { Guard, loopback, ObjectStoresLive, type Resolve } from "@tailrace/destinations"
import { Context, Effect, Layer } from "effect"
import { temporaryFolder } from "../s3/S3Site.ts"
import type { RunningStore, StoreKind } from "./StoreKind.ts"

/** Every name is this machine. */
export const everythingIsLocal: Resolve = (_host, answer) => answer(null, [{ address: "127.0.0.1", family: 4 }])

export const localStores = ObjectStoresLive.pipe(Layer.provide(Guard.layer(loopback, everythingIsLocal)))

export class StoreSite extends Context.Service<StoreSite, RunningStore>()("@tailrace/test-integration/StoreSite") {
  static readonly layer = (kind: StoreKind) =>
    Layer.effect(StoreSite, Effect.flatMap(temporaryFolder, (folder) => Effect.orDie(kind.start(folder))))
}
