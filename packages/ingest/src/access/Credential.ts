/**
 * The secret in an `Authorization` header. Senders disagree: Splunk's own say `Splunk <token>`, Tailscale was seen with
 * Basic `user:token`, and once with the bare token; API clients send `Bearer <key>` or Basic with the key as user name.
 */
import { Redacted } from "effect"

/** `malformed`: there is a header, but no scheme that is known. `bare`: without a scheme word. */
export type Credential =
  | { readonly _tag: "Missing" }
  | { readonly _tag: "Malformed" }
  | { readonly _tag: "Present"; readonly secret: Redacted.Redacted; readonly isBare: boolean }

const present = (secret: string, isBare = false): Credential =>
  secret === "" ? { _tag: "Malformed" } : { _tag: "Present", secret: Redacted.make(secret), isBare }

/** The password; the user name where there is none. */
const basic = (encoded: string): Credential => {
  const text = Buffer.from(encoded, "base64").toString("utf8")
  const colon = text.indexOf(":")
  if (colon < 0) return { _tag: "Malformed" }
  const password = text.slice(colon + 1)
  return present(password === "" ? text.slice(0, colon) : password)
}

/**
 * @example
 * ```ts
 * credentialOf("Splunk tskey-ingest-1")._tag // => "Present"
 * credentialOf("Digest x")._tag // => "Malformed"
 * ```
 */
export const credentialOf = (header: string | undefined): Credential => {
  const words = (header ?? "").trim().split(/\s+/)
  const [scheme = "", secret] = words
  if (scheme === "") return { _tag: "Missing" }
  if (secret === undefined) return present(scheme, true)
  if (words.length > 2) return { _tag: "Malformed" }
  switch (scheme.toLowerCase()) {
    case "splunk":
    case "bearer":
      return present(secret)
    case "basic":
      return basic(secret)
    default:
      return { _tag: "Malformed" }
  }
}
