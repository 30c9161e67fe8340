/**
 * Whether a role may be used with an external id, in the words of HTTP: 422 with the reason when its owner has to mend
 * it, 502 when AWS could not be asked.
 */
import { type ApiError, BadGateway, NotSetUp, TookTooLong, Unprocessable } from "@tailrace/api"
import { type AssumeFailure, type AwsRoles, noAwsIdentity } from "@tailrace/destinations"
import { awsAccountOf, type AwsExternalId } from "@tailrace/domain"
import { Effect, Option } from "effect"

/** Seen in the customer's CloudTrail. */
const sessionName = "tailrace@validate"

/** Clients give up after a minute. */
const checkSeconds = 45

const tooSlow = new TookTooLong({ message: `AWS STS took longer than ${checkSeconds} seconds, please try again later` })

/** What the operator has set up; 501 if nothing. */
export const rolesOf = (identity: Option.Option<AwsRoles>): Effect.Effect<AwsRoles, NotSetUp> =>
  Effect.mapError(Effect.fromOption(identity), () => new NotSetUp({ message: noAwsIdentity }))

const answerOf = ({ fault, message }: AssumeFailure, { account }: AwsRoles): ApiError => {
  if (fault === "operator" || fault === "unavailable") return new BadGateway({ message })
  if (fault === "open") return new Unprocessable({ message })
  const hint = `the trust policy must allow sts:AssumeRole to the AWS account ${account} with this external id`
  return new Unprocessable({ message: `${message} (${hint})` })
}

/** The ARN's form, and the account that the id is linked with: known without AWS. */
const checkArn = (roleArn: string, { account: linked }: AwsExternalId): Effect.Effect<void, Unprocessable> => {
  const account = awsAccountOf(roleArn)
  const refuse = (message: string) => Effect.fail(new Unprocessable({ message }))
  if (account === undefined) {
    return refuse("roleArn is not the ARN of a role, such as arn:aws:iam::123456789012:role/name")
  }
  return linked === null || linked === account
    ? Effect.void
    : refuse(`the external id is linked with the AWS account ${linked}: for a role of ${account} ask for a new one`)
}

/** Succeeds when the role can be assumed with the id, and neither without one nor with another one. */
export const checkTrust = Effect.fn("checkTrust")(
  function*(roles: AwsRoles, issued: AwsExternalId, roleArn: string): Effect.fn.Return<void, ApiError> {
    yield* checkArn(roleArn, issued)
    const use = { arn: roleArn, externalId: issued.externalId, sessionName }
    yield* roles.prove(use).pipe(
      Effect.mapError((failure) => answerOf(failure, roles)),
      Effect.timeoutOrElse({ duration: `${checkSeconds} seconds`, orElse: () => Effect.fail(tooSlow) })
    )
  }
)
