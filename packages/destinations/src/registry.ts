/** The list of destination types: one folder each, one line each here. */
import type { ReceiverConfig, StoreConfig } from "@tailrace/domain"
import type { Effect, Redacted, Result, Scope } from "effect"
import { axiomType } from "./axiom/axiomType.ts"
import { azureType } from "./azure/azureType.ts"
import { criblType } from "./cribl/criblType.ts"
import { crowdstrikeType } from "./crowdstrike/crowdstrikeType.ts"
import { datadogType } from "./datadog/datadogType.ts"
import { elasticType } from "./elastic/elasticType.ts"
import { gcsType } from "./gcs/gcsType.ts"
import { httpType } from "./http/httpType.ts"
import type { AllowedRanges } from "./network/AllowedRanges.ts"
import type { Guard } from "./network/Guard.ts"
import type { InvalidDestination, ObjectStore } from "./ObjectStore.ts"
import type { Receiver, ReceiverContext } from "./Receiver.ts"
import { pantherType } from "./panther/pantherType.ts"
import { s3Type } from "./s3/s3Type.ts"
import { splunkType } from "./splunk/splunkType.ts"

/** What every type offers, whatever its kind. */
interface DestinationType<Config> {
  /** Everything that can be known to fail without a connection; names the field. */
  check(config: Config, allowed: AllowedRanges): Result.Result<void, InvalidDestination>
  /** Equal for two configurations that mean the same place: endpoint and bucket, not credentials or prefix. */
  target(config: Config): string
}

export interface StoreType<Config> extends DestinationType<Config> {
  open(
    config: Config,
    secret: Redacted.Redacted,
    guard: Guard["Service"]
  ): Effect.Effect<ObjectStore, InvalidDestination, Scope.Scope>
}

export interface ReceiverType<Config> extends DestinationType<Config> {
  open(
    config: Config,
    secret: Redacted.Redacted,
    options: { readonly guard: Guard["Service"]; readonly context: ReceiverContext }
  ): Effect.Effect<Receiver, InvalidDestination, Scope.Scope>
}

type Of<Union, Tag> = Extract<Union, { readonly _tag: Tag }>

type StoreTypes = { readonly [Tag in StoreConfig["_tag"]]: StoreType<Of<StoreConfig, Tag>> }
type ReceiverTypes = { readonly [Tag in ReceiverConfig["_tag"]]: ReceiverType<Of<ReceiverConfig, Tag>> }

export const storeTypes: StoreTypes = {
  s3: s3Type,
  gcs: gcsType,
  azure: azureType
}

export const receiverTypes: ReceiverTypes = {
  axiom: axiomType,
  cribl: criblType,
  crowdstrike: crowdstrikeType,
  datadog: datadogType,
  elastic: elasticType,
  http: httpType,
  panther: pantherType,
  splunk: splunkType
}
