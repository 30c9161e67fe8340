/**
 * Adapter to node's crypto: keys, tokens and ids, and how a key is compared. Keys are remembered as SHA-256 only; they
 * have 160 random bits, so no slow hash is needed.
 */
import { Effect, Redacted } from "effect"
import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto"

const alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

/** Random text over digits and letters; the bias of the modulo costs a fraction of a bit. */
const randomText = (length: number): string =>
  Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length] ?? "0").join("")

/** SHA-256 of a key or token, hex: what events hold. */
export const hashOf = (secret: Redacted.Redacted): string =>
  createHash("sha256").update(Redacted.value(secret)).digest("hex")

/** Compares two hashes in constant time. */
export const sameHash = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))

/** Ids in Tailscale's shape: a letter for the kind (`k` key, `u` user, `T` tailnet), and `CNTRL` at the end. */
export const mintId = (kind: "k" | "u" | "T") => Effect.sync(() => `${kind}${randomText(11)}CNTRL`)

export const mintDestinationId = Effect.sync(() => `dst_${randomBytes(8).toString("hex")}`)

/** 32 hex digits: command ids, event group ids, ids of tests and versions of secrets. */
export const mintHex = Effect.sync(() => randomBytes(16).toString("hex"))

/** External ids of AWS. */
export const mintUuid = Effect.sync(() => randomUUID())

export interface Minted {
  readonly id: string
  /** Shown once. */
  readonly secret: Redacted.Redacted
  readonly hash: string
}

const minted = (id: string, secret: string): Minted => {
  const redacted = Redacted.make(secret)
  return { id, secret: redacted, hash: hashOf(redacted) }
}

/** `tskey-api-<id>-<secret>`, as Tailscale's. */
export const mintApiKey = Effect.map(mintId("k"), (id) => minted(id, `tskey-api-${id}-${randomText(32)}`))

/** `tskey-ingest-<id>-<secret>`: may only post records. */
export const mintIngestToken = Effect.map(mintId("k"), (id) => minted(id, `tskey-ingest-${id}-${randomText(32)}`))

const keyForm = /^tskey-api-([A-Za-z0-9]+CNTRL)-[A-Za-z0-9]+$/

/** A key that somebody else made: its id is the one in it, or made of its hash. */
export const adoptApiKey = (key: Redacted.Redacted): Minted => {
  const hash = hashOf(key)
  return { id: keyForm.exec(Redacted.value(key))?.[1] ?? `k${hash.slice(0, 11)}CNTRL`, secret: key, hash }
}
