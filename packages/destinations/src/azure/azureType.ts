/** The type `azure`: Azure Blob Storage, block blobs. */
import type { AzureConfig } from "@tailrace/domain"
import type { StoreType } from "../registry.ts"
import { azureTarget, checkAzureConfig } from "./AzureEndpoint.ts"
import { openAzureStore } from "./AzureStore.ts"

export const azureType: StoreType<AzureConfig> = { check: checkAzureConfig, target: azureTarget, open: openAzureStore }
