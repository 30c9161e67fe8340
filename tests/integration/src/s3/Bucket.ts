/** A plain SDK client for what tests look at and clean up: shares no code with the destination under test. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client
} from "@aws-sdk/client-s3"
import { Effect, Redacted } from "effect"
import { accessKeyId, secretAccessKey } from "./S3ServerKind.ts"

export interface Bucket {
  /** All keys below the prefix, through as many pages as it takes. */
  keys(prefix?: string, pageSize?: number): Effect.Effect<ReadonlyArray<string>>
  folders(prefix: string): Effect.Effect<ReadonlyArray<string>>
  get(key: string, range?: string): Effect.Effect<Uint8Array>
  head(
    key: string
  ): Effect.Effect<{ readonly contentType: string; readonly metadata: Readonly<Record<string, string>> }>
  delete(key: string): Effect.Effect<void>
}

const makeClient = (url: string) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      new S3Client({
        endpoint: url,
        region: "us-east-1",
        forcePathStyle: true,
        credentials: { accessKeyId, secretAccessKey: Redacted.value(secretAccessKey) }
      })
    ),
    (client) => Effect.sync(() => client.destroy())
  )

export const openBucket = Effect.fn("openBucket")(function*(url: string, bucket: string) {
  const client = yield* makeClient(url)

  const page = (prefix: string, pageSize: number, token: string | undefined) =>
    Effect.promise(() =>
      client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          MaxKeys: pageSize,
          ...(token === undefined ? {} : { ContinuationToken: token })
        })
      )
    )

  const keys = Effect.fnUntraced(function*(prefix = "", pageSize = 1_000) {
    const found: Array<string> = []
    let token: string | undefined
    do {
      const answer = yield* page(prefix, pageSize, token)
      found.push(...(answer.Contents ?? []).map(({ Key }) => Key ?? ""))
      token = answer.NextContinuationToken
    } while (token !== undefined)
    return found
  })

  const self: Bucket = {
    keys,
    folders: (prefix) =>
      Effect.promise(async () => {
        const answer = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, Delimiter: "/" }))
        return (answer.CommonPrefixes ?? []).map((it) => it.Prefix ?? "")
      }),
    get: (key, range) =>
      Effect.promise(async () => {
        const command = new GetObjectCommand({
          Bucket: bucket,
          Key: key,
          ...(range === undefined ? {} : { Range: range })
        })
        return (await client.send(command)).Body?.transformToByteArray() ?? new Uint8Array(0)
      }),
    head: (key) =>
      Effect.promise(async () => {
        const answer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
        return { contentType: answer.ContentType ?? "", metadata: answer.Metadata ?? {} }
      }),
    delete: (key) =>
      Effect.asVoid(Effect.promise(() => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))))
  }
  return self
})
