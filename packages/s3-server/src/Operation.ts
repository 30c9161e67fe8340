/** Which operation a request asks for. A sub-resource that is not here is refused, never silently ignored. */
import { Effect, type Scope } from "effect"
import type { Folder } from "./Folder.ts"
import { bucketLocation, createBucket, deleteBucket, headBucket, listBuckets } from "./operations/Buckets.ts"
import { deleteObject, getObject } from "./operations/GetObject.ts"
import { listObjects } from "./operations/ListObjects.ts"
import { putObject } from "./operations/PutObject.ts"
import type { Reply, Request } from "./Request.ts"
import { type S3Error, s3Error } from "./S3Error.ts"

type Operation = (folder: Folder, request: Request) => Effect.Effect<Reply, S3Error, Scope.Scope>

const notAllowed: Operation = () => Effect.fail(s3Error("MethodNotAllowed"))
const notImplemented = (what: string): Operation => () => Effect.fail(s3Error("NotImplemented", what))

const objectOperations: Readonly<Record<string, Operation>> = {
  DELETE: deleteObject,
  GET: getObject,
  HEAD: getObject,
  PUT: putObject
}

const bucketOperations: Readonly<Record<string, Operation>> = {
  DELETE: deleteBucket,
  HEAD: headBucket,
  PUT: createBucket
}

const listing = new Set([
  "continuation-token",
  "delimiter",
  "encoding-type",
  "fetch-owner",
  "list-type",
  "max-keys",
  "prefix",
  "start-after"
])

const getBucket = (query: Request["query"]): Operation => {
  if (query.has("location")) return bucketLocation
  return query.get("list-type") === "2" ? listObjects : notImplemented("of the lists, only list-type=2")
}

const sub = ({ bucket, key, query }: Request) =>
  [...query.keys()].find((name) =>
    name !== "x-id" && !name.startsWith("X-Amz-") &&
    !(bucket !== "" && key === "" && (name === "location" || listing.has(name)))
  )

const find = (request: Request): Operation => {
  const { bucket, key, method, query } = request
  const unknown = sub(request)
  if (unknown !== undefined) return notImplemented(unknown)
  if (key !== "") return objectOperations[method] ?? notAllowed
  if (bucket !== "") return method === "GET" ? getBucket(query) : bucketOperations[method] ?? notAllowed
  return method === "GET" ? listBuckets : notAllowed
}

export const run: Operation = (folder, request) => find(request)(folder, request)
