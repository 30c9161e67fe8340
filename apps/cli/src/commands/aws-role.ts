/** `tailrace aws-role …`: what an IAM role of AWS needs to be used by a destination of type `s3`. */
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { call } from "../Api.ts"
import { Output } from "../Output.ts"

/** The policy as AWS's console takes it. */
const trustPolicy = (account: string, externalId: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "sts:ExternalId": externalId } }
    }]
  })

const externalId = Command.make(
  "external-id",
  {
    new: Flag.Boolean("new").pipe(
      Flag.withDefault(false),
      Flag.withDescription("Always a new one; else the same again until it is used")
    )
  },
  Effect.fn(function*(flags) {
    const payload = { reusable: !flags.new }
    const made = yield* call((api, tailnet) => api.awsExternalId.create({ params: { tailnet }, payload }))
    yield* (yield* Output).item(made, [
      ["external id", made.externalId],
      ["account", made.tailscaleAwsAccountId],
      ["trust policy", trustPolicy(made.tailscaleAwsAccountId, made.externalId)]
    ])
  })
).pipe(Command.withDescription("An external id for a role, and the trust policy that the role needs"))

const check = Command.make(
  "check",
  {
    externalId: Argument.String("external-id").pipe(Argument.withDescription("As `aws-role external-id` shows it")),
    roleArn: Argument.String("role-arn").pipe(Argument.withDescription("arn:aws:iam::…:role/…"))
  },
  Effect.fn(function*({ externalId, roleArn }) {
    yield* call((api, tailnet) => api.awsExternalId.validate({ params: { tailnet, externalId }, payload: { roleArn } }))
    yield* (yield* Output).done(`${roleArn} can be assumed with ${externalId}, and only with it`, {
      roleArn,
      externalId
    })
  })
).pipe(Command.withDescription("Whether a role can be assumed with an external id, and only with it"))

export const awsRole = Command.make("aws-role").pipe(
  Command.withDescription("IAM roles of AWS for destinations of type s3"),
  Command.withSubcommands([externalId, check])
)
