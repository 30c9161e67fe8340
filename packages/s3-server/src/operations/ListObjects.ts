/** `GET /bucket?list-type=2`. Reads the names of the whole prefix for each page: enough for a demonstration. */
import { Effect } from "effect"
import type { Folder } from "../Folder.ts"
import { type Request, xml } from "../Request.ts"
import { s3Error } from "../S3Error.ts"
import { document, type Element, s3Namespace } from "../Xml.ts"

const largestPage = 1_000

interface Question {
  readonly prefix: string
  readonly delimiter: string
  readonly after: string
  readonly limit: number
  readonly encode: (text: string) => string
}

const urlEncode = (text: string) => encodeURIComponent(text).replaceAll("%2F", "/")

const fromToken = (token: string) => Buffer.from(token, "base64url").toString("utf8")
const toToken = (key: string) => Buffer.from(key, "utf8").toString("base64url")

const questionOf = ({ query }: Request): Question => ({
  prefix: query.get("prefix") ?? "",
  delimiter: query.get("delimiter") ?? "",
  after: fromToken(query.get("continuation-token") ?? "") || (query.get("start-after") ?? ""),
  limit: Math.min(Number(query.get("max-keys") ?? largestPage), largestPage),
  encode: query.get("encoding-type") === "url" ? urlEncode : (text) => text
})

/** A key stands for itself, or for the common prefix that hides it. */
const nameOf = (key: string, { delimiter, prefix }: Question) => {
  const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length)
  return at < 0 ? key : key.slice(0, at + delimiter.length)
}

const after = (name: string, last: string) => Buffer.compare(Buffer.from(name), Buffer.from(last)) > 0

const object = (folder: Folder, bucket: string, { encode }: Question) => (key: string) =>
  Effect.scoped(folder.read({ bucket, key })).pipe(
    Effect.map(({ modified, record }): ReadonlyArray<Element> => [["Contents", [
      ["Key", encode(key)],
      ["LastModified", modified.toISOString()],
      ["ETag", `"${record.etag}"`],
      ["Size", record.size],
      ["StorageClass", "STANDARD"]
    ]]]),
    // Deleted since its name was read.
    Effect.orElseSucceed((): ReadonlyArray<Element> => [])
  )

const isPage = ({ limit }: Question) => Number.isSafeInteger(limit) && limit >= 0

export const listObjects = Effect.fn("listObjects")(function*(folder: Folder, request: Request) {
  const question = questionOf(request)
  if (!isPage(question)) return yield* s3Error("InvalidArgument", "max-keys")
  yield* folder.requireBucket(request.bucket)
  const keys = yield* folder.keys(request.bucket, question.prefix)
  const names = [...new Set(keys.map((key) => nameOf(key, question)))].filter((name) => after(name, question.after))
  const page = names.slice(0, question.limit)
  const truncated = names.length > page.length && page.length > 0
  const isKey = new Set(keys)
  const contents = yield* Effect.forEach(
    page.filter((name) => isKey.has(name)),
    object(folder, request.bucket, question),
    { concurrency: 8 }
  )
  return xml(
    200,
    document([`ListBucketResult ${s3Namespace}`, [
      ["Name", request.bucket],
      ["Prefix", question.encode(question.prefix)],
      ["Delimiter", question.encode(question.delimiter)],
      ["MaxKeys", question.limit],
      ["KeyCount", page.length],
      ["IsTruncated", truncated],
      ...(truncated ? [["NextContinuationToken", toToken(page.at(-1) ?? "")] as const] : []),
      ...contents.flat(),
      ...page.filter((name) => !isKey.has(name)).map((
        name
      ): Element => ["CommonPrefixes", [["Prefix", question.encode(name)]]])
    ]])
  )
})
