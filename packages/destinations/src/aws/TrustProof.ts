/**
 * That a role can be assumed with an external id and only with it. Without this anybody who knows a role's name could
 * have a tailnet of their own write with it. https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { type AssumeFailure, openRole } from "./AssumeFailure.ts"
import type { AssumeRole } from "./AssumeRole.ts"
import type { AssumeRequest, RoleSession, RoleUse } from "./AwsIdentity.ts"

/** Succeeds when STS refuses; a failure for another reason says nothing and is passed on. */
const mustBeRefused = (
  assume: AssumeRole,
  request: AssumeRequest,
  proper: string
): Effect.Effect<void, AssumeFailure> =>
  assume(request).pipe(
    Effect.matchEffect({
      onSuccess: () => Effect.fail(openRole(proper)),
      onFailure: (failure) => failure.fault === "refused" ? Effect.void : Effect.fail(failure)
    })
  )

/** The session of the proof is good to be used. */
export const provenSession = Effect.fn("AwsRoles.prove")(
  function*(use: RoleUse, assume: AssumeRole): Effect.fn.Return<RoleSession, AssumeFailure> {
    const session = yield* assume(use)
    for (const externalId of [undefined, randomUUID()]) {
      yield* mustBeRefused(assume, { ...use, externalId }, use.externalId)
    }
    return session
  }
)
