/** What a client may do with buckets: list, make, look, delete. */
import { Effect } from "effect"
import type { Folder } from "../Folder.ts"
import { empty, type Request, xml } from "../Request.ts"
import { document, s3Namespace } from "../Xml.ts"

export const listBuckets = Effect.fn("listBuckets")(function*(folder: Folder) {
  const buckets = yield* folder.buckets
  return xml(
    200,
    document([`ListAllMyBucketsResult ${s3Namespace}`, [
      ["Owner", [["ID", "tailrace"]]],
      [
        "Buckets",
        buckets.map(({ modified, name }) =>
          ["Bucket", [["Name", name], ["CreationDate", modified.toISOString()]]] as const
        )
      ]
    ]])
  )
})

export const createBucket = Effect.fn("createBucket")(function*(folder: Folder, request: Request) {
  yield* folder.createBucket(request.bucket)
  return empty(200, { location: `/${request.bucket}` })
})

export const headBucket = Effect.fn("headBucket")(function*(folder: Folder, request: Request) {
  yield* folder.requireBucket(request.bucket)
  return empty(200, { "x-amz-bucket-region": "us-east-1" })
})

export const bucketLocation = Effect.fn("bucketLocation")(function*(folder: Folder, request: Request) {
  yield* folder.requireBucket(request.bucket)
  return xml(200, document([`LocationConstraint ${s3Namespace}`, ""]))
})

export const deleteBucket = Effect.fn("deleteBucket")(function*(folder: Folder, request: Request) {
  yield* folder.deleteBucket(request.bucket)
  return empty(204)
})
