/**
 * AWS Signature Version 4 as a server checks it: header and query form, one chunk. Pure.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
import { Option, Result } from "effect"
import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import { type S3Error, s3Error } from "./S3Error.ts"

/** A request as it came: nothing decoded, header names in lower case. */
export interface SignedRequest {
  readonly method: string
  /** Path and query exactly as on the request line. */
  readonly target: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

/** What the request claims about itself. */
export interface Claim {
  readonly accessKeyId: string
  /** `YYYYMMDD/region/s3/aws4_request` */
  readonly scope: string
  readonly signedHeaders: ReadonlyArray<string>
  readonly signature: string
  /** `YYYYMMDDTHHMMSSZ` */
  readonly time: string
  /** Seconds for which a query signature is good; null for a header signature. */
  readonly expires: number | null
}

/** Requests whose time is farther away from ours are refused. */
export const skewMillis = 15 * 60 * 1_000

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest()

/** RFC 3986 encoding, which is stricter than `encodeURIComponent`. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

const split = (text: string, by: string): readonly [string, string] => {
  const at = text.indexOf(by)
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + by.length)]
}

const decode = (text: string) => Option.liftThrowable(decodeURIComponent)(text)

/** Pairs of the query, decoded; a `+` is a plus, as clients sign it. None if it cannot be decoded. */
export const queryPairs = (target: string): Option.Option<ReadonlyArray<readonly [string, string]>> =>
  Option.all(
    split(target, "?")[1].split("&").filter((part) => part !== "").map((part) => {
      const [name, value] = split(part, "=")
      return Option.all([decode(name), decode(value)] as const)
    })
  )

const compare = (a: string, b: string) => Number(a > b) - Number(a < b)

const canonicalQuery = (target: string) =>
  Option.getOrElse(queryPairs(target), () => [])
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join("="))
    .join("&")

/** S3 encodes each segment once; decoding first makes `~` and `%7E` the same. */
const canonicalPath = (target: string) =>
  split(target, "?")[0].split("/").map((part) => encode(Option.getOrElse(decode(part), () => part))).join("/")

const canonicalHeader = (value: string | undefined) => (value ?? "").trim().replace(/ +/g, " ")

const canonicalRequest = (request: SignedRequest, claim: Claim, payload: string) =>
  [
    request.method,
    canonicalPath(request.target),
    canonicalQuery(request.target),
    ...claim.signedHeaders.map((name) => `${name}:${canonicalHeader(request.headers[name])}`),
    "",
    claim.signedHeaders.join(";"),
    payload
  ].join("\n")

const signingKey = (secret: string, scope: string) =>
  scope.split("/").reduce<string | Buffer>((key, part) => hmac(key, part), `AWS4${secret}`)

const expected = (request: SignedRequest, claim: Claim, secret: string) => {
  const payload = claim.expires === null ? request.headers["x-amz-content-sha256"] ?? "" : "UNSIGNED-PAYLOAD"
  const text = ["AWS4-HMAC-SHA256", claim.time, claim.scope, sha256(canonicalRequest(request, claim, payload))].join(
    "\n"
  )
  return createHmac("sha256", signingKey(secret, claim.scope)).update(text).digest("hex")
}

const scopePattern = /^[^/]+\/\d{8}\/[A-Za-z0-9-]+\/s3\/aws4_request$/

interface ClaimParts {
  readonly credential: string | undefined
  readonly signedHeaders: string | undefined
  readonly signature: string | undefined
  readonly time: string | undefined
  readonly expires: number | null
}

const toClaim = ({ credential, expires, signature, signedHeaders, time }: ClaimParts): Option.Option<Claim> => {
  if (credential === undefined || signature === undefined || time === undefined) return Option.none()
  if (!scopePattern.test(credential) || !/^\d{8}T\d{6}Z$/.test(time)) return Option.none()
  const [accessKeyId, scope] = split(credential, "/")
  const names = (signedHeaders ?? "").toLowerCase().split(";")
  return scope.startsWith(time.slice(0, 8)) && names.includes("host")
    ? Option.some({ accessKeyId, scope, signedHeaders: names, signature, time, expires })
    : Option.none()
}

const headerClaim = (authorization: string, headers: SignedRequest["headers"]) => {
  const [scheme, rest] = split(authorization, " ")
  const fields = new Map(rest.split(",").map((part) => split(part.trim(), "=")))
  return scheme !== "AWS4-HMAC-SHA256" ? Option.none() : toClaim({
    credential: fields.get("Credential"),
    signedHeaders: fields.get("SignedHeaders"),
    signature: fields.get("Signature"),
    time: headers["x-amz-date"],
    expires: null
  })
}

const queryClaim = (pairs: ReadonlyMap<string, string>) => {
  const expires = Number(pairs.get("X-Amz-Expires"))
  return pairs.get("X-Amz-Algorithm") !== "AWS4-HMAC-SHA256" || !(expires >= 1 && expires <= 604_800)
    ? Option.none()
    : toClaim({
      credential: pairs.get("X-Amz-Credential"),
      signedHeaders: pairs.get("X-Amz-SignedHeaders"),
      signature: pairs.get("X-Amz-Signature"),
      time: pairs.get("X-Amz-Date"),
      expires
    })
}

const readClaim = (request: SignedRequest): Result.Result<Claim, S3Error> => {
  const authorization = request.headers["authorization"]
  if (authorization !== undefined) {
    const claim = headerClaim(authorization, request.headers)
    return Result.fromOption(claim, () => s3Error("AuthorizationHeaderMalformed"))
  }
  const pairs = new Map(Option.getOrElse(queryPairs(request.target), () => []))
  if (!pairs.has("X-Amz-Signature")) return Result.fail(s3Error("AccessDenied"))
  return Result.fromOption(queryClaim(pairs), () => s3Error("AuthorizationQueryParametersError"))
}

const timeOf = (time: string) =>
  Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"))

const checkTime = (claim: Claim, nowMillis: number): Result.Result<Claim, S3Error> => {
  const age = nowMillis - timeOf(claim.time)
  if (Number.isNaN(age) || age < -skewMillis) return Result.fail(s3Error("RequestTimeTooSkewed"))
  if (claim.expires === null) {
    return age > skewMillis
      ? Result.fail(s3Error("RequestTimeTooSkewed"))
      : Result.succeed(claim)
  }
  return age > claim.expires * 1_000 ? Result.fail(s3Error("ExpiredRequest")) : Result.succeed(claim)
}

/** Every `x-amz-` header has to be signed, or a man in the middle could add metadata. */
const unsigned = (request: SignedRequest, claim: Claim) =>
  claim.expires === null &&
  Object.keys(request.headers).some((name) => name.startsWith("x-amz-") && !claim.signedHeaders.includes(name))

const same = (a: string, b: string) => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** Credentials that somebody else gives out for a while, with the token that belongs to them. */
export interface Session {
  readonly secretAccessKey: string
  readonly sessionToken: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

export interface Verification {
  /** Secret access key by access key id. */
  readonly credentials: ReadonlyMap<string, string>
  /** Asked for ids that are not among the credentials. */
  readonly sessions?: (accessKeyId: string) => Session | undefined
  readonly nowMillis: number
}

/** The token has to be the session's; a key of our own has none. */
const checkToken = (
  request: SignedRequest,
  session: Session | undefined,
  nowMillis: number
): Result.Result<void, S3Error> => {
  const pairs = new Map(Option.getOrElse(queryPairs(request.target), () => []))
  const token = request.headers["x-amz-security-token"] ?? pairs.get("X-Amz-Security-Token")
  if (token !== session?.sessionToken) return Result.fail(s3Error("InvalidToken"))
  const hasEnded = session !== undefined && session.expiresAt <= nowMillis
  return hasEnded ? Result.fail(s3Error("ExpiredToken")) : Result.succeed(undefined)
}

/** Who signed the request. The body's hash is believed here: who reads the body compares it. */
export const verify = (
  request: SignedRequest,
  { credentials, nowMillis, sessions }: Verification
): Result.Result<Claim, S3Error> =>
  Result.gen(function*() {
    const claim = yield* readClaim(request)
    const own = credentials.get(claim.accessKeyId)
    const session = own === undefined ? sessions?.(claim.accessKeyId) : undefined
    const secret = own ?? session?.secretAccessKey
    if (secret === undefined) return yield* Result.fail(s3Error("InvalidAccessKeyId"))
    yield* checkToken(request, session, nowMillis)
    yield* checkTime(claim, nowMillis)
    if (unsigned(request, claim)) return yield* Result.fail(s3Error("AccessDenied", "an x-amz- header is not signed"))
    const matches = same(expected(request, claim, secret), claim.signature)
    return matches ? claim : yield* Result.fail(s3Error("SignatureDoesNotMatch"))
  })
