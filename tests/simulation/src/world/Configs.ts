/** Configurations of destinations in a simulated world: places have a name, whatever their type. */
import type { ReceiverConfig, StoreConfig } from "@tailrace/domain"
import { indexUrl } from "./Indexes.ts"

export const storeUrl = "https://store.example"

/** A bucket of this name. */
export const storeConfig = (bucket: string, keyPrefix: string): StoreConfig => ({
  _tag: "s3",
  url: storeUrl,
  bucket,
  region: "",
  keyPrefix,
  accessKeyId: "AKIAEXAMPLE",
  addressing: "auto"
})

/** An index of this name; what it behaves like is the index's, not the type's. */
export const receiverConfig = (name: string): ReceiverConfig => {
  const url = `${indexUrl}/${name}`
  if (name === "one") return { _tag: "splunk", url, scheme: "auto", acknowledge: "auto" }
  return name === "two" ? { _tag: "elastic", url, scheme: "auto" } : { _tag: "axiom", url }
}
