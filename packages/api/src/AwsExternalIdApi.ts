/**
 * Tailscale's calls for IAM roles: an external id for the role's trust policy, and whether the policy asks for it. How
 * a role is then used is said in the stream's body (`s3RoleArn`, `s3ExternalId`).
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Authenticated } from "./Conventions.ts"
import { field, flag, optional, required, said, tailnetPath, text } from "./Field.ts"

const path = "/tailnet/:tailnet/aws-external-id"

export const AwsExternalIdBody = Schema.Struct({
  reusable: optional(said(
    "`true`: the same id again until it is linked with an AWS account by its first use; else always a new one.",
    flag
  ))
}).annotate({ identifier: "AwsExternalIdBody", examples: [{ reusable: true }] })
export type AwsExternalIdBody = typeof AwsExternalIdBody.Type

export const AwsExternalIdAnswer = Schema.Struct({
  externalId: Schema.String.annotate({ description: "A UUID, for `sts:ExternalId` in the role's trust policy." }),
  tailscaleAwsAccountId: Schema.String.annotate({
    description: "12 digits: the AWS account of this installation's operator, the principal of the trust policy."
  })
}).annotate({ identifier: "AwsExternalId" })
export type AwsExternalIdAnswer = typeof AwsExternalIdAnswer.Type

const RoleBody = Schema.Struct({ roleArn: required(said("ARN of the IAM role.", text(2048, 1))) }).annotate({
  identifier: "AwsRoleBody",
  examples: [{ roleArn: "arn:aws:iam::123456789012:role/tailnet-logs" }]
})

/** An empty body counts as an empty object. */
const noBody = field(Schema.Null, "must be an object").schema

export class AwsExternalIdGroup extends HttpApiGroup.make("awsExternalId")
  .add(
    HttpApiEndpoint.post("create", path, {
      params: tailnetPath,
      payload: [AwsExternalIdBody, noBody],
      success: AwsExternalIdAnswer
    }).annotate(OpenApi.Summary, "An external id for the trust policy of an IAM role"),
    HttpApiEndpoint.post("validate", `${path}/:externalId/validate-aws-trust-policy`, {
      params: { ...tailnetPath, externalId: Schema.String },
      payload: RoleBody,
      success: HttpApiSchema.Empty(200)
    }).annotate(OpenApi.Summary, "Whether the role can be assumed with this external id, and only with it; 422 if not")
  )
  .middleware(Authenticated)
  .annotateMerge(OpenApi.annotations({ title: "AWS roles", description: "As in Tailscale's API v2." }))
{}
