/** `PUT /bucket/key`: the body is staged and compared with the announced hashes; only then it gets its name. */
import { Effect, Option } from "effect"
import type { Folder, Staged } from "../Folder.ts"
import type { ObjectRecord } from "../ObjectRecord.ts"
import { empty, type Request } from "../Request.ts"
import { s3Error } from "../S3Error.ts"

/** S3's own limit for one `PUT`. */
const largestBody = 5 * 1024 ** 3

const refuseUnknown = ({ headers, query }: Request) => {
  const condition = headers["if-none-match"]
  if (headers["x-amz-copy-source"] !== undefined) return Effect.fail(s3Error("NotImplemented", "copy"))
  if (headers["if-match"] !== undefined || (condition !== undefined && condition !== "*")) {
    return Effect.fail(s3Error("NotImplemented", "of the conditions, only If-None-Match: *"))
  }
  if ((headers["x-amz-content-sha256"] ?? "").startsWith("STREAMING-")) {
    return Effect.fail(s3Error("NotImplemented", "bodies in signed chunks or with trailers"))
  }
  const other = [...query.keys()].find((name) => name !== "x-id" && !name.startsWith("X-Amz-"))
  return other === undefined ? Effect.void : Effect.fail(s3Error("NotImplemented", other))
}

const checkLength = ({ headers }: Request) => {
  const length = headers["content-length"]
  if (length === undefined) return Effect.fail(s3Error("MissingContentLength"))
  return Number(length) > largestBody ? Effect.fail(s3Error("EntityTooLarge")) : Effect.void
}

const checkHashes = ({ headers }: Request, staged: Staged) => {
  const sha256 = headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD"
  const md5 = headers["content-md5"]
  if (Number(headers["content-length"]) !== staged.size) return Effect.fail(s3Error("IncompleteBody"))
  if (sha256 !== "UNSIGNED-PAYLOAD" && sha256 !== staged.sha256) {
    return Effect.fail(s3Error("XAmzContentSHA256Mismatch"))
  }
  return md5 !== undefined && md5 !== staged.md5.toString("base64") ? Effect.fail(s3Error("BadDigest")) : Effect.void
}

const metadataPrefix = "x-amz-meta-"

const recordOf = ({ headers, key }: Request, staged: Staged): ObjectRecord => ({
  key,
  contentType: headers["content-type"] ?? "application/octet-stream",
  contentEncoding: headers["content-encoding"] ?? null,
  etag: staged.md5.toString("hex"),
  size: staged.size,
  metadata: Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith(metadataPrefix))
      .map(([name, value]) => [name.slice(metadataPrefix.length), value ?? ""])
  )
})

/** Before the body is asked for, so that a refusal costs no upload. */
const refuseTaken = (folder: Folder, request: Request) =>
  request.headers["if-none-match"] === undefined ? Effect.void : Effect.scoped(folder.read(request)).pipe(
    Effect.option,
    Effect.filterOrFail(Option.isNone, () => s3Error("PreconditionFailed"))
  )

export const putObject = Effect.fn("putObject")(function*(folder: Folder, request: Request) {
  yield* refuseUnknown(request)
  yield* checkLength(request)
  yield* folder.requireBucket(request.bucket)
  yield* refuseTaken(folder, request)
  const staged = yield* folder.stage(request.body())
  yield* checkHashes(request, staged)
  const record = recordOf(request, staged)
  yield* folder.store(request, { staged, record, onlyIfAbsent: request.headers["if-none-match"] === "*" })
  return empty(200, { etag: `"${record.etag}"` })
})
