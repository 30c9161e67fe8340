/** The type `gcs`: Google Cloud Storage through its JSON API. */
import type { GcsConfig } from "@tailrace/domain"
import type { StoreType } from "../registry.ts"
import { checkGcsConfig, gcsTarget } from "./GcsEndpoint.ts"
import { openGcsStore } from "./GcsStore.ts"

export const gcsType: StoreType<GcsConfig> = { check: checkGcsConfig, target: gcsTarget, open: openGcsStore }
