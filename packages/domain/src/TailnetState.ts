/** A tailnet as its control records made it. Changed only by `evolve`, never in place. */
import type { Destination, DestinationId } from "./Destination.ts"
import type { Settings } from "./ControlEvent.ts"
import type { Notices } from "./Notice.ts"
import type { Plan } from "./Plan.ts"
import type { Role } from "./Role.ts"
import type { TailnetName } from "./TailnetName.ts"

export interface Member {
  readonly userId: string
  readonly loginName: string
  readonly displayName: string
  readonly role: Role
}

/** An API key as it is remembered: never the key itself. Times are epoch milliseconds. */
export interface ApiKey {
  readonly keyId: string
  readonly userId: string
  readonly hash: string
  readonly description: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly revokedAt: number | null
}

/** A token that may post records of this tailnet, and nothing else. */
export interface IngestToken {
  readonly tokenId: string
  readonly hash: string
  readonly description: string
  readonly createdAt: number
  readonly revokedAt: number | null
}

/** What the trust policy of a customer's role asks for. */
export interface AwsExternalId {
  /** A UUID. */
  readonly externalId: string
  readonly reusable: boolean
  /** Epoch milliseconds. */
  readonly issuedAt: number
  /** 12 digits: the account whose roles it works with; null as long as it has not been used. */
  readonly account: string | null
}

export interface TailnetState {
  readonly name: TailnetName
  /** `T…CNTRL`, as in Tailscale's API. */
  readonly id: string
  /** Number of control records taken. */
  readonly version: number
  readonly plan: Plan
  readonly settings: Settings
  readonly members: ReadonlyMap<string, Member>
  readonly apiKeys: ReadonlyMap<string, ApiKey>
  readonly ingestTokens: ReadonlyMap<string, IngestToken>
  /** By id, oldest first. */
  readonly externalIds: ReadonlyMap<string, AwsExternalId>
  /** Deleted ones included. */
  readonly destinations: ReadonlyMap<DestinationId, Destination>
  /** What the owner was told of destinations; absent: nothing yet. */
  readonly notices: ReadonlyMap<DestinationId, Notices>
}
