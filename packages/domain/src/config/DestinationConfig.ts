/**
 * The service-specific part of a destination: a union with one member for each type. Types are of two kinds: stores
 * take objects of one upload period each, receivers take small requests as records come.
 */
import { Schema } from "effect"
import { AxiomConfig } from "./AxiomConfig.ts"
import { AzureConfig } from "./AzureConfig.ts"
import { DatadogConfig } from "./DatadogConfig.ts"
import { ElasticConfig } from "./ElasticConfig.ts"
import { GcsConfig } from "./GcsConfig.ts"
import { CriblConfig, CrowdstrikeConfig, PantherConfig, SplunkConfig } from "./HecConfig.ts"
import { HttpConfig } from "./HttpConfig.ts"
import { S3Config } from "./S3Config.ts"

export const StoreConfig = Schema.Union([S3Config, GcsConfig, AzureConfig])
export type StoreConfig = typeof StoreConfig.Type

export const ReceiverConfig = Schema.Union([
  SplunkConfig,
  PantherConfig,
  CriblConfig,
  CrowdstrikeConfig,
  DatadogConfig,
  ElasticConfig,
  AxiomConfig,
  HttpConfig
])
export type ReceiverConfig = typeof ReceiverConfig.Type

export const DestinationConfig = Schema.Union([StoreConfig, ReceiverConfig])
export type DestinationConfig = typeof DestinationConfig.Type

/** API words. */
export type DestinationTypeName = DestinationConfig["_tag"]

const storeTypes: ReadonlySet<string> = new Set(["s3", "gcs", "azure"] satisfies ReadonlyArray<StoreConfig["_tag"]>)

/** The same of a type. */
export const isStoreType = (type: DestinationTypeName): type is StoreConfig["_tag"] => storeTypes.has(type)

/** Whether it keeps objects: then records are sealed first; otherwise they are sent as they come. */
export const isStore = (config: DestinationConfig): config is StoreConfig => storeTypes.has(config._tag)
