/** An S3 server that takes credentials of an STS, both with their tables: what tests of roles begin with. */
import { serve } from "@tailrace/s3-server"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { startSts, type Sts, type StsOptions } from "../emulators/sts/Sts.ts"
import type { TrustPolicy } from "../emulators/sts/TrustPolicy.ts"
import { type Bucket, openBucket } from "./Bucket.ts"
import { accessKeyId, secretAccessKey } from "./S3ServerKind.ts"
import { bucketName, temporaryFolder } from "./S3Site.ts"

/** The operator's account and user. */
export const account = "891612552178"
export const operator: StsOptions = {
  user: `arn:aws:iam::${account}:user/tailrace`,
  key: { accessKeyId: "AKIAOPERATOREXAMPLE", secretAccessKey: "operator/secret+Key0123456789abcdef012345" }
}

export const roleOf = (name: string, of = "111111111111") => `arn:aws:iam::${of}:role/${name}`

const sample: { readonly trustPolicy: TrustPolicy } = JSON.parse(
  readFileSync(new URL("../../test/fixtures/s3_role_permission_minimal.json", import.meta.url), "utf8")
)

/** The policy as it is recorded for the live service, with this id. */
export const trusting = (externalId: string): TrustPolicy =>
  JSON.parse(JSON.stringify(sample.trustPolicy).replace("<externalId>", externalId))

/** The mistake that everybody makes: the condition is left out. */
export const trustingAnybody: TrustPolicy = {
  ...sample.trustPolicy,
  Statement: sample.trustPolicy.Statement.map(({ Condition: _, ...statement }) => statement)
}

/** A rarer one: any id will do. */
export const trustingAnyId: TrustPolicy = {
  ...sample.trustPolicy,
  Statement: sample.trustPolicy.Statement.map((statement) => ({
    ...statement,
    Condition: { StringLike: { "sts:ExternalId": "*" } }
  }))
}

export interface RoleSite {
  readonly sts: Sts
  readonly s3Url: string
  readonly bucket: Bucket
}

/** Until the scope closes. */
export const startRoleSite = Effect.fn("startRoleSite")(function*(options: Partial<StsOptions> = {}) {
  const sts = yield* startSts({ ...operator, ...options })
  const { url } = yield* serve({
    folder: yield* temporaryFolder,
    credentials: [{ accessKeyId, secretAccessKey }],
    sessions: sts.sessions,
    buckets: [bucketName]
  })
  const site: RoleSite = { sts, s3Url: url, bucket: yield* openBucket(url, bucketName) }
  return site
})
