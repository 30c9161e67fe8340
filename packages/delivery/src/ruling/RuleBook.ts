/**
 * The rules of destinations' versions, compiled when the first record meets them and shared by the lanes' legs. A
 * version without rules costs one look.
 */
import { type Destination, type DestinationVersion, type RecordRules, recordRules } from "@tailrace/domain"
import type { Secrets } from "@tailrace/event-store"
import { Redacted } from "effect"
import { createHmac } from "node:crypto"

/** The rules of one configuration version. */
export interface VersionRules {
  readonly version: number
  readonly rule: RecordRules
}

/** Hex digits of a hash that a record is given: 128 bits. */
const hashLength = 32

export class RuleBook {
  /** Records filtered since somebody set it back to 0. */
  filtered = 0
  private readonly compiled = new WeakMap<DestinationVersion, VersionRules>()
  private readonly secrets: Secrets["Service"]

  constructor(secrets: Secrets["Service"]) {
    this.secrets = secrets
  }

  /** Null: the version has no rules. */
  of(destination: Pick<Destination, "tailnet">, version: DestinationVersion): VersionRules | null {
    if (version.rules === undefined) return null
    const present = this.compiled.get(version)
    if (present !== undefined) return present
    const key = Redacted.value(this.secrets.hashKey(destination.tailnet))
    const hash = (value: string) => createHmac("sha256", key).update(value).digest("hex").slice(0, hashLength)
    const compiled = { version: version.version, rule: recordRules(version.rules, hash) }
    this.compiled.set(version, compiled)
    return compiled
  }
}
