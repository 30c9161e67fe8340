/** Where a configuration's blobs lie, and what two of them share. Pure. */
import type { AzureConfig } from "@tailrace/domain"
import { Result } from "effect"
import type { AllowedRanges } from "../network/AllowedRanges.ts"
import { checkUrl } from "../network/Guard.ts"
import { InvalidDestination } from "../ObjectStore.ts"
import { accountName, containerName } from "./AzureLimits.ts"

/** An emulator's URL ends in the account's name, as in `http://127.0.0.1:10000/devstoreaccount1`. */
const normalised = (url: string) => {
  const parsed = URL.parse(url)
  return parsed === null ? url : `${parsed.protocol}//${parsed.host}${parsed.pathname.replace(/\/+$/, "")}`
}

const inPath = (key: string) => key.toWellFormed().split("/").map(encodeURIComponent).join("/")

/** Without a shared access signature. */
export const blobUrl = ({ container, url }: AzureConfig, key: string): string =>
  `${normalised(url)}/${inPath(container)}/${inPath(key)}`

export const azureTarget = ({ container, url }: AzureConfig): string => `azure ${normalised(url)} ${container}`

const invalid = (field: string, reason: string) => Result.fail(new InvalidDestination({ field, reason }))

/** A URL has no such parts: they are resolved before it is sent. */
const hasDots = (prefix: string) => prefix.split("/").some((part) => part === "." || part === "..")

/** Everything that can be known to fail without asking the service; names the field. */
export const checkAzureConfig = (
  config: AzureConfig,
  allowed: AllowedRanges
): Result.Result<void, InvalidDestination> => {
  if (!containerName.test(config.container)) return invalid("container", "is not a container's name")
  if (config.auth === "sharedkey" && !accountName.test(config.account)) {
    return invalid("account", "is not the name of a storage account")
  }
  if (hasDots(config.keyPrefix)) return invalid("keyPrefix", "must not have a part that is . or ..")
  return Result.map(checkUrl(config.url, allowed), () => undefined)
}
