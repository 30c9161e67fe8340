/**
 * The part of an IAM trust policy that decides about `sts:AssumeRole` with an external id: effects, principals of
 * accounts and users, `StringEquals`, and `StringLike` with asterisks. Anything else in a policy is a mistake of the
 * test. Pure.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */

export interface Statement {
  readonly Effect: "Allow" | "Deny"
  readonly Principal: { readonly AWS: string | ReadonlyArray<string> }
  readonly Action: "sts:AssumeRole"
  readonly Condition?:
    | { readonly StringEquals: { readonly "sts:ExternalId": string } }
    | { readonly StringLike: { readonly "sts:ExternalId": string } }
}

export interface TrustPolicy {
  readonly Version: "2012-10-17"
  readonly Statement: ReadonlyArray<Statement>
}

/** Who asks, as `arn:aws:iam::<account>:user/<name>`, and with which external id. */
export interface Asking {
  readonly user: string
  readonly externalId: string | undefined
}

/** An account's number and its root mean everybody in it. */
const isMeant = ({ Principal }: Statement, user: string): boolean => {
  const account = user.split(":")[4] ?? ""
  const names = [account, `arn:aws:iam::${account}:root`, user]
  return [Principal.AWS].flat().some((principal) => names.includes(principal))
}

/** An id that is absent is like no pattern. */
const isLike = (pattern: string, text: string | undefined): boolean =>
  text !== undefined &&
  new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(text)

const isMet = ({ Condition }: Statement, externalId: string | undefined): boolean => {
  if (Condition === undefined) return true
  return "StringEquals" in Condition
    ? Condition.StringEquals["sts:ExternalId"] === externalId
    : isLike(Condition.StringLike["sts:ExternalId"], externalId)
}

/** Whether one statement allows it and none denies it. */
export const allows = ({ Statement }: TrustPolicy, { externalId, user }: Asking): boolean => {
  const about = Statement.filter((statement) => isMeant(statement, user) && isMet(statement, externalId))
  return about.some((statement) => statement.Effect === "Allow") &&
    !about.some((statement) => statement.Effect === "Deny")
}
