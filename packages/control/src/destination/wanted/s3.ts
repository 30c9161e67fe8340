/** `s3`: an access key, or a role that is assumed. */
import { BadRequest, type DestinationBody } from "@tailrace/api"
import { type S3Config, type S3Role, Tailnet } from "@tailrace/domain"
import { Result } from "effect"
import { failWith, given, keyPrefix, required, secretOf, userOf } from "./Given.ts"
import type { WantedType } from "./WantedType.ts"

const bucketForm = /^[a-zA-Z0-9][a-zA-Z0-9._-]{1,254}$/

const bucketOf = ({ s3Bucket }: DestinationBody) =>
  Result.flatMap(required("s3Bucket", s3Bucket), (bucket) =>
    bucketForm.test(bucket)
      ? Result.succeed(bucket)
      : failWith("s3Bucket", "must be the name of a bucket: 3 or more letters, digits, dots, hyphens and underscores"))

/** Whether the id is one of the tailnet's is the domain's question; the sentence is the same. */
const roleOf = ({ s3ExternalId, s3RoleArn }: DestinationBody): Result.Result<S3Role, BadRequest> =>
  Result.gen(function*() {
    const arn = yield* required("s3RoleArn", s3RoleArn)
    const externalId = given(s3ExternalId)
    if (externalId === undefined) return yield* Result.fail(new BadRequest({ message: Tailnet.invalidExternalId }))
    return { arn, externalId }
  })

type Auth = Pick<S3Config, "accessKeyId" | "role">

const authOf = (body: DestinationBody): Result.Result<Auth, BadRequest> =>
  given(body.s3AuthenticationType) === "rolearn"
    ? Result.map(roleOf(body), (role) => ({ accessKeyId: "", role }))
    : Result.map(required("s3AccessKeyId", body.s3AccessKeyId), (accessKeyId) => ({ accessKeyId }))

export const s3: WantedType<S3Config> = {
  secretField: "s3SecretAccessKey",
  fieldNames: {
    bucket: "s3Bucket",
    region: "s3Region",
    accessKeyId: "s3AccessKeyId",
    keyPrefix: "s3KeyPrefix",
    roleArn: "s3RoleArn"
  },
  read: (body, before) =>
    Result.gen(function*() {
      const config: S3Config = {
        _tag: "s3",
        bucket: yield* bucketOf(body),
        ...yield* authOf(body),
        url: given(body.url) ?? "",
        keyPrefix: yield* keyPrefix("s3KeyPrefix", body.s3KeyPrefix),
        region: given(body.s3Region) ?? "",
        addressing: given(body.addressing) ?? before?.addressing ?? "auto",
        ...userOf(body.user)
      }
      return { config, secret: config.role === undefined ? secretOf(body.s3SecretAccessKey) : "none" }
    }),
  show: ({ accessKeyId, addressing, bucket, keyPrefix, region, role }) => ({
    s3Bucket: bucket,
    s3Region: region,
    s3KeyPrefix: keyPrefix,
    ...(role === undefined
      ? { s3AuthenticationType: "accesskey", s3AccessKeyId: accessKeyId }
      : { s3AuthenticationType: "rolearn", s3RoleArn: role.arn, s3ExternalId: role.externalId }),
    addressing
  })
}
