/**
 * What a request shows of the secret: a signature by the account's key, or a shared access signature in the URL. Pure.
 * https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
 */
import type { AzureConfig } from "@tailrace/domain"
import { Result } from "effect"
import { createHmac } from "node:crypto"
import { InvalidDestination } from "../ObjectStore.ts"

export interface UnsignedRequest {
  readonly method: "PUT" | "HEAD"
  /** Without a query. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly bodyBytes: number
}

export interface SignedRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** What no message may show. */
  readonly secrets: ReadonlyArray<string>
}

export type Sign = (request: UnsignedRequest) => SignedRequest

/** In the order of the document; `x-ms-date` stands for `date`. */
const standardHeaders = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-md5",
  "content-type",
  "date",
  "if-modified-since",
  "if-match",
  "if-none-match",
  "if-unmodified-since",
  "range"
]

const ordinal = ([a]: readonly [string, string], [b]: readonly [string, string]) => a < b ? -1 : 1

const ownHeaders = (headers: UnsignedRequest["headers"]) =>
  Object.entries(headers)
    .filter(([name]) => name.startsWith("x-ms-"))
    .toSorted(ordinal)
    .map(([name, value]) => `${name}:${value.trim().replaceAll(/\s+/g, " ")}\n`)
    .join("")

export const stringToSign = ({ bodyBytes, headers, method, url }: UnsignedRequest, account: string): string => {
  const known: Readonly<Record<string, string>> = {
    ...headers,
    "content-length": bodyBytes === 0 ? "" : `${bodyBytes}`
  }
  const standard = standardHeaders.map((name) => `${known[name] ?? ""}\n`).join("")
  return `${method}\n${standard}${ownHeaders(headers)}/${account}${new URL(url).pathname}`
}

const bySharedKey = (account: string, key: string): Sign => (request) => {
  const signature = createHmac("sha256", Buffer.from(key, "base64"))
    .update(stringToSign(request, account))
    .digest("base64")
  return {
    url: request.url,
    headers: { ...request.headers, authorization: `SharedKey ${account}:${signature}` },
    secrets: [key, signature]
  }
}

const bySas = (sas: string): Sign => {
  const signature = new URLSearchParams(sas).get("sig") ?? ""
  return ({ headers, url }) => ({
    url: `${url}?${sas}`,
    headers,
    secrets: [sas, signature, encodeURIComponent(signature)]
  })
}

const isBase64 = (text: string) => text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text)

const queryText = /^[\x21\x24-\x7e]+$/

const invalid = (reason: string) => Result.fail(new InvalidDestination({ field: "secret", reason }))

/** The failure says what is wrong with the secret, without showing it. A leading `?` of a signature is left out. */
export const azureSign = (config: AzureConfig, secret: string): Result.Result<Sign, InvalidDestination> => {
  if (config.auth === "sharedkey") {
    const key = secret.trim()
    return isBase64(key)
      ? Result.succeed(bySharedKey(config.account, key))
      : invalid("is not an account key (base64)")
  }
  const sas = secret.trim().replace(/^\?/, "")
  return queryText.test(sas) && new URLSearchParams(sas).has("sig")
    ? Result.succeed(bySas(sas))
    : invalid("is not a shared access signature (sv=…&sig=…)")
}
