/**
 * AWS's Signature Version 4, for a request without a body that somebody else will send.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac } from "node:crypto"

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string | undefined
}

export interface AwsRequest {
  readonly method: string
  readonly url: URL
  /** Names in lower case. `host` and `x-amz-…` are put in. */
  readonly headers: Readonly<Record<string, string>>
  readonly region: string
  readonly service: string
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest()

const algorithm = "AWS4-HMAC-SHA256"

/** All headers to send, `authorization` among them. */
export const signAws = (
  { headers, method, region, service, url }: AwsRequest,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  nowMillis: number
): Readonly<Record<string, string>> => {
  const time = new Date(nowMillis).toISOString().replaceAll(/[-:]|\.\d{3}/g, "")
  const all: Readonly<Record<string, string>> = {
    ...headers,
    host: url.host,
    "x-amz-date": time,
    ...(sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken })
  }
  const names = Object.keys(all).toSorted()
  const query = [...url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .toSorted()
    .join("&")
  const canonical = [
    method,
    url.pathname,
    query,
    ...names.map((name) => `${name}:${all[name]?.trim() ?? ""}`),
    "",
    names.join(";"),
    sha256("")
  ].join("\n")
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`
  const key = [time.slice(0, 8), region, service, "aws4_request"].reduce<string | Buffer>(
    hmac,
    `AWS4${secretAccessKey}`
  )
  const signature = hmac(key, [algorithm, time, scope, sha256(canonical)].join("\n")).toString("hex")
  const authorization = `${algorithm} Credential=${accessKeyId}/${scope}, ` +
    `SignedHeaders=${names.join(";")}, Signature=${signature}`
  return { ...all, authorization }
}
