/** `s3`: an access key. */
import type { DestinationBody } from "@tailrace/api"
import type { S3Config } from "@tailrace/domain"
import { Result } from "effect"
import { failWith, given, keyPrefix, required, secretOf, userOf } from "./Given.ts"
import type { WantedType } from "./WantedType.ts"

const bucketForm = /^[a-zA-Z0-9][a-zA-Z0-9._-]{1,254}$/

const bucketOf = ({ s3Bucket }: DestinationBody) =>
  Result.flatMap(required("s3Bucket", s3Bucket), (bucket) =>
    bucketForm.test(bucket)
      ? Result.succeed(bucket)
      : failWith("s3Bucket", "must be the name of a bucket: 3 or more letters, digits, dots, hyphens and underscores"))

const accessKeyOf = ({ s3AccessKeyId, s3AuthenticationType }: DestinationBody) =>
  given(s3AuthenticationType) === "rolearn"
    ? failWith("s3AuthenticationType", "must be \"accesskey\": \"rolearn\" is not supported yet")
    : required("s3AccessKeyId", s3AccessKeyId)

export const s3: WantedType<S3Config> = {
  secretField: "s3SecretAccessKey",
  fieldNames: { bucket: "s3Bucket", region: "s3Region", accessKeyId: "s3AccessKeyId", keyPrefix: "s3KeyPrefix" },
  read: (body, before) =>
    Result.gen(function*() {
      const config: S3Config = {
        _tag: "s3",
        bucket: yield* bucketOf(body),
        accessKeyId: yield* accessKeyOf(body),
        url: given(body.url) ?? "",
        keyPrefix: yield* keyPrefix("s3KeyPrefix", body.s3KeyPrefix),
        region: given(body.s3Region) ?? "",
        addressing: given(body.addressing) ?? before?.addressing ?? "auto",
        ...userOf(body.user)
      }
      return { config, secret: secretOf(body.s3SecretAccessKey) }
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
