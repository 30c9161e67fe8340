/** The account of the tests, and signatures by its key: written from the documents, sharing no code with `azure/`. */
import { Redacted } from "effect"
import { createHmac } from "node:crypto"

export const account = "tailracelogs"
export const container = "tailrace-logs"
export const privateContainer = "tailrace-private"

/** Base64, as account keys are. */
export const accountKey = Redacted.make(
  Buffer.from("a key of nobody's, for tests of Tailrace; 64 bytes is usual").toString("base64")
)

const hmac = (text: string) =>
  createHmac("sha256", Buffer.from(Redacted.value(accountKey), "base64")).update(text).digest("base64")

const sasVersion = "2020-12-06"

/**
 * A service SAS for the private container: https://learn.microsoft.com/rest/api/storageservices/create-service-sas
 *
 * @param permissions for example `rcw`
 * @param expiry for example `2099-01-01T00:00:00Z`
 */
export const privateSas = (permissions: string, expiry = "2099-01-01T00:00:00Z") => {
  const resource = `/blob/${account}/${privateContainer}`
  // permissions, start, expiry, resource, identifier, IP, protocol, version, kind, snapshot, scope, 5 response headers
  const fields = [permissions, "", expiry, resource, "", "", "", sasVersion, "c", "", "", "", "", "", "", ""]
  const signature = encodeURIComponent(hmac(fields.join("\n")))
  return Redacted.make(`sv=${sasVersion}&sr=c&sp=${permissions}&se=${encodeURIComponent(expiry)}&sig=${signature}`)
}

/** Headers that make a container: `container` readable by everybody, so that tests look at it without a signature. */
export const makeContainerHeaders = (name: string, now: Date): Readonly<Record<string, string>> => {
  const own = {
    ...(name === container ? { "x-ms-blob-public-access": "container" } : {}),
    "x-ms-date": now.toUTCString(),
    "x-ms-version": "2021-12-02"
  }
  const lines = Object.entries(own).map(([header, value]) => `${header}:${value}`)
  const text = ["PUT", ...Array.from({ length: 11 }, () => ""), ...lines].join("\n")
  // An emulator's path begins with the account's name, which is in the resource already.
  const signature = hmac(`${text}\n/${account}/${account}/${name}\nrestype:container`)
  return { ...own, authorization: `SharedKey ${account}:${signature}` }
}
