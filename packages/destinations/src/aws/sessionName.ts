/** How a role's session is called: what the customer sees in CloudTrail. */
import { Context } from "effect"

/** Source: `RoleSessionName` in https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const longest = 64

const product = "tailrace"

/** Whose objects they are. */
export interface Owner {
  readonly tailnet: string
  readonly destination: string
}

/** Said when a store is opened; undefined: not known. */
export class StoreOwner extends Context.Reference<Owner | undefined>("@tailrace/destinations/StoreOwner", {
  defaultValue: () => undefined
}) {}

/**
 * At most 64 characters of those that AWS takes; a long tailnet's name is cut.
 *
 * @example
 * ```ts
 * sessionName({ tailnet: "example.com", destination: "dst_1" }) // => "tailrace@example.com@dst_1"
 * sessionName(undefined) // => "tailrace"
 * ```
 */
export const sessionName = (owner: Owner | undefined): string => {
  if (owner === undefined) return product
  const room = longest - product.length - owner.destination.length - 2
  const tailnet = owner.tailnet.replaceAll(/[^\w+=,.@-]/g, "-").slice(0, Math.max(0, room))
  return [product, tailnet, owner.destination].filter((part) => part !== "").join("@").slice(0, longest)
}
