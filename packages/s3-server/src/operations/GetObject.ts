/** `GET` and `HEAD /bucket/key`, whole or one range. */
import { Effect, Option, Result } from "effect"
import type { Folder, Stored } from "../Folder.ts"
import { empty, type Reply, type Request } from "../Request.ts"
import { type S3Error, s3Error } from "../S3Error.ts"

const headersOf = ({ modified, record }: Stored): Record<string, string> => ({
  "accept-ranges": "bytes",
  "content-type": record.contentType,
  "content-length": String(record.size),
  etag: `"${record.etag}"`,
  "last-modified": modified.toUTCString(),
  ...(record.contentEncoding === null ? {} : { "content-encoding": record.contentEncoding }),
  ...Object.fromEntries(Object.entries(record.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]))
})

/** Both ends inclusive, as in the header. */
interface Range {
  readonly first: number
  readonly last: number
}

/** None: no range, or one that HTTP says to ignore (several ranges, other units). */
const rangeOf = (header: string | undefined, size: number): Result.Result<Option.Option<Range>, S3Error> => {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? []
  if (from === "" && to === "") return Result.succeed(Option.none())
  const first = from === "" ? Math.max(0, size - Number(to)) : Number(from)
  const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1)
  return first > last ? Result.fail(s3Error("InvalidRange")) : Result.succeed(Option.some({ first, last }))
}

const partial = (stored: Stored, { first, last }: Range) => ({
  ...headersOf(stored),
  "content-length": String(last - first + 1),
  "content-range": `bytes ${first}-${last}/${stored.record.size}`
})

export const getObject = Effect.fn("getObject")(function*(folder: Folder, request: Request) {
  yield* folder.requireBucket(request.bucket)
  const stored = yield* folder.read(request)
  const range = yield* Effect.fromResult(rangeOf(request.headers["range"], stored.record.size))
  if (request.method === "HEAD" || stored.record.size === 0) return empty(200, headersOf(stored))
  const { first, last } = Option.getOrElse(range, () => ({ first: 0, last: stored.record.size - 1 }))
  const reply: Reply = {
    status: Option.isSome(range) ? 206 : 200,
    headers: Option.match(range, { onNone: () => headersOf(stored), onSome: (range) => partial(stored, range) }),
    body: stored.file.createReadStream({ start: first, end: last, autoClose: false })
  }
  return reply
})

export const deleteObject = Effect.fn("deleteObject")(function*(folder: Folder, request: Request) {
  yield* folder.requireBucket(request.bucket)
  yield* folder.remove(request)
  return empty(204)
})
