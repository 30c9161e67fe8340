/**
 * Whose secret is it? Ingest tokens and API keys, found by their SHA-256 in the folded control log. The index only
 * finds; whether a token still stands is read from the tailnet's present state each time, so that a revocation holds
 * from the moment it is folded. It does not say what the bearer may do.
 */
import type { Role, TailnetName, TailnetState } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import type { LogError } from "@tailrace/log"
import { Clock, Context, Effect, Layer, Redacted } from "effect"
import { createHash, timingSafeEqual } from "node:crypto"
import { IngestLimits } from "../IngestLimits.ts"
import { makeRefusalLimit, type TooManyRefusals } from "./RefusalLimit.ts"

/** A valid secret's owner, with the tailnet as it is now. */
export interface Bearer {
  readonly tailnet: TailnetState
  /** `ingest-token`: may post records and nothing else. Else the role of the API key's user. */
  readonly as: "ingest-token" | Role
}

interface Place {
  readonly tailnet: TailnetName
  readonly kind: "token" | "key"
  readonly id: string
}

const sha256 = (secret: string): string => createHash("sha256").update(secret, "utf8").digest("hex")

const equal = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))

const bearerOfToken = (tailnet: TailnetState, id: string, hash: string): Bearer | undefined => {
  const token = tailnet.ingestTokens.get(id)
  const stands = token !== undefined && token.revokedAt === null && equal(token.hash, hash)
  return stands ? { tailnet, as: "ingest-token" } : undefined
}

interface Asked {
  readonly id: string
  readonly hash: string
  readonly now: number
}

const bearerOfKey = (tailnet: TailnetState, { hash, id, now }: Asked): Bearer | undefined => {
  const key = tailnet.apiKeys.get(id)
  if (key === undefined || key.revokedAt !== null || key.expiresAt <= now || !equal(key.hash, hash)) return undefined
  const member = tailnet.members.get(key.userId)
  return member === undefined ? undefined : { tailnet, as: member.role }
}

/** Hash to place, brought up to date tailnet by tailnet: folded states never change, so a new one is a change. */
class Index {
  readonly #places = new Map<string, Place>()
  readonly #seen = new Map<TailnetName, TailnetState>()

  find(hash: string): Place | undefined {
    return this.#places.get(hash)
  }

  update(tailnets: Iterable<TailnetState>): void {
    for (const state of tailnets) {
      if (this.#seen.get(state.name) === state) continue
      this.#seen.set(state.name, state)
      for (const [id, { hash }] of state.ingestTokens) {
        this.#places.set(hash, { tailnet: state.name, kind: "token", id })
      }
      for (const [id, { hash }] of state.apiKeys) this.#places.set(hash, { tailnet: state.name, kind: "key", id })
    }
  }
}

export class IngestTokens extends Context.Service<IngestTokens, {
  /**
   * The bearer of a secret; undefined: nobody's, revoked, or expired. For an unknown one the control log is caught up
   * with first, so that a token works as soon as its creation was answered; `address` has only so many of those.
   */
  bearer(secret: Redacted.Redacted, address: string): Effect.Effect<Bearer | undefined, LogError | TooManyRefusals>
}>()("@tailrace/ingest/IngestTokens") {
  static readonly layer = Layer.effect(
    IngestTokens,
    Effect.gen(function*() {
      const control = yield* ControlLog
      const { maxRefusalsPerMinute } = yield* IngestLimits
      const refusals = makeRefusalLimit(maxRefusalsPerMinute)
      const index = new Index()
      const find = Effect.fnUntraced(function*(hash: string) {
        const place = index.find(hash)
        const tailnet = place === undefined ? undefined : control.tailnet(place.tailnet)
        if (place === undefined || tailnet === undefined) return undefined
        if (place.kind === "token") return bearerOfToken(tailnet, place.id, hash)
        return bearerOfKey(tailnet, { id: place.id, hash, now: yield* Clock.currentTimeMillis })
      })
      const bearer = Effect.fnUntraced(function*(secret: Redacted.Redacted, address: string) {
        const hash = sha256(Redacted.value(secret))
        const known = yield* find(hash)
        if (known !== undefined) return known
        yield* refusals.check(address)
        yield* control.caughtUp
        index.update(control.tailnets())
        const found = yield* find(hash)
        if (found === undefined) yield* refusals.count(address)
        return found
      })
      return IngestTokens.of({ bearer })
    })
  )
}
