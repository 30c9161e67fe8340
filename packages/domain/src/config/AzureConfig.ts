/** The part of a destination of type `azure` (Blob Storage, block blobs) that may be read. */
import { Schema } from "effect"

/** `sharedkey`: the secret is an account key. `sas`: the secret is a shared access signature (`sv=…&sig=…`). */
export const AzureAuth = Schema.Literals(["sharedkey", "sas"])
export type AzureAuth = typeof AzureAuth.Type

export const AzureConfig = Schema.TaggedStruct("azure", {
  /** Blob endpoint of the account: `https://ACCOUNT.blob.core.windows.net`. */
  url: Schema.NonEmptyString,
  /** Name of the storage account; needed for `sharedkey`. */
  account: Schema.String,
  container: Schema.NonEmptyString,
  /** Put before each key verbatim: no slash is added. */
  keyPrefix: Schema.String,
  auth: AzureAuth,
  user: Schema.optionalKey(Schema.String)
})
export type AzureConfig = typeof AzureConfig.Type
