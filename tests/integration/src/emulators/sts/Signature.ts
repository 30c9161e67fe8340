/**
 * Signature Version 4 of one POST to STS, as the service checks it; shares no code with what signs.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac } from "node:crypto"

export interface SignedPost {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

export interface Key {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const parts = [
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/[a-z0-9-]+\/sts\/aws4_request)/,
  /SignedHeaders=([a-z0-9;-]+)/,
  /Signature=([0-9a-f]{64})$/
]
const form = new RegExp(parts.map(({ source }) => source).join(", ?"))

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest()

/** Signed at most so long ago, or ahead. */
const skewMillis = 5 * 60_000

const millisOf = (time: string) =>
  Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"))

export type SignatureFault =
  | "MissingAuthenticationToken"
  | "IncompleteSignature"
  | "InvalidClientTokenId"
  | "RequestExpired"
  | "SignatureDoesNotMatch"

/** Undefined: it is the key's. */
export const signatureFault = (
  { body, headers }: SignedPost,
  key: Key,
  nowMillis: number
): SignatureFault | undefined => {
  const { authorization } = headers
  if (authorization === undefined) return "MissingAuthenticationToken"
  const [, accessKeyId, scope = "", signedHeaders = "", signature] = form.exec(authorization) ?? []
  const time = headers["x-amz-date"] ?? ""
  if (signature === undefined || !signedHeaders.split(";").includes("host")) return "IncompleteSignature"
  if (accessKeyId !== key.accessKeyId) return "InvalidClientTokenId"
  if (!(Math.abs(nowMillis - millisOf(time)) <= skewMillis)) return "RequestExpired"
  const canonicalHeaders = signedHeaders.split(";").map((name) => `${name}:${(headers[name] ?? "").trim()}\n`).join("")
  const canonical = ["POST", "/", "", canonicalHeaders, signedHeaders, sha256(body)].join("\n")
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n")
  const signing = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${key.secretAccessKey}`)
  return createHmac("sha256", signing).update(text).digest("hex") === signature ? undefined : "SignatureDoesNotMatch"
}
