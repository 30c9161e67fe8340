/**
 * Who Tailrace is to AWS, and how it takes on the roles that its customers lend it: for stores that use a role, and for
 * the check of a role's trust policy. Absent where the operator has given no credentials. It knows nothing of tailnets:
 * whose external id it is was decided when the destination was put.
 */
import { Context, Effect, Layer, type Option, Option as Options, RcMap, type Redacted, type Scope } from "effect"
import { Guard } from "../network/Guard.ts"
import type { AssumeFailure } from "./AssumeFailure.ts"
import { makeAssumeRole } from "./AssumeRole.ts"
import { idleSession } from "./AwsLimits.ts"
import { makeRoleCredentials, type RoleCredentials } from "./RoleCredentials.ts"
import { provenSession } from "./TrustProof.ts"

/** A long-lived key of an IAM user, or temporary credentials with their token. */
export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: Redacted.Redacted
  readonly sessionToken: Option.Option<Redacted.Redacted>
}

/** What the operator has to say. */
export interface AwsOperator {
  /** 12 digits: the account that trust policies name. */
  readonly account: string
  readonly keys: AwsKeys
  /** For example `https://sts.us-east-1.amazonaws.com`; the guard's rules count for it as for any endpoint. */
  readonly stsEndpoint: string
}

export interface AssumeRequest {
  readonly arn: string
  /** Undefined: without one. */
  readonly externalId: string | undefined
  /** Seen in the customer's CloudTrail. */
  readonly sessionName: string
}

/** A role that is used, by whom. */
export interface RoleUse extends AssumeRequest {
  readonly externalId: string
}

/** Temporary credentials of a role; times are epoch milliseconds. */
export interface RoleSession {
  readonly accessKeyId: string
  readonly secretAccessKey: Redacted.Redacted
  readonly sessionToken: Redacted.Redacted
  readonly madeAt: number
  readonly expiresAt: number
}

export interface AwsRoles {
  readonly account: string
  /** For other uses of the same identity. */
  readonly keys: AwsKeys
  /** A new session: the role can be assumed with the external id and only with it; otherwise the failure says so. */
  prove(use: RoleUse): Effect.Effect<RoleSession, AssumeFailure>
  /** The credentials of a role, one session at a time for all who use the role alike; renewed before they end. */
  credentials(use: RoleUse): Effect.Effect<RoleCredentials, never, Scope.Scope>
}

export class AwsIdentity extends Context.Reference<Option.Option<AwsRoles>>("@tailrace/destinations/AwsIdentity", {
  defaultValue: () => Options.none()
}) {
  static readonly layer = (operator: AwsOperator): Layer.Layer<never, never, Guard> =>
    Layer.effect(
      AwsIdentity,
      Effect.gen(function*() {
        const { agents } = yield* Guard
        const assume = yield* makeAssumeRole(operator, agents)
        const uses = yield* RcMap.make({
          lookup: (use: RoleUse) => makeRoleCredentials(use, assume),
          idleTimeToLive: idleSession
        })
        return Options.some<AwsRoles>({
          account: operator.account,
          keys: operator.keys,
          prove: (use) => provenSession(use, assume),
          credentials: ({ arn, externalId, sessionName }) => RcMap.get(uses, { arn, externalId, sessionName })
        })
      })
    )
}

/** What an owner is told, and what the operator has to do about it. */
export const noAwsIdentity =
  "the operator of this installation has not set up AWS roles: TAILRACE_AWS_ACCOUNT_ID, TAILRACE_AWS_ACCESS_KEY_ID " +
  "and TAILRACE_AWS_SECRET_ACCESS_KEY are needed"
