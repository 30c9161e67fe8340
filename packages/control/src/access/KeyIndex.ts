/**
 * Finds an API key by its hash among all tailnets. Follows the folded state by identity: an unchanged tailnet costs one
 * comparison.
 */
import type { ApiKey, TailnetName, TailnetState } from "@tailrace/domain"
import { sameHash } from "./Credential.ts"

export interface FoundKey {
  readonly tailnet: TailnetState
  readonly key: ApiKey
}

export class KeyIndex {
  readonly #seen = new Map<TailnetName, TailnetState>()
  readonly #byHash = new Map<string, TailnetName>()

  #refresh(tailnet: TailnetState): void {
    const before = this.#seen.get(tailnet.name)
    if (before === tailnet) return
    for (const { hash } of before?.apiKeys.values() ?? []) this.#byHash.delete(hash)
    for (const { hash } of tailnet.apiKeys.values()) this.#byHash.set(hash, tailnet.name)
    this.#seen.set(tailnet.name, tailnet)
  }

  find(tailnets: Iterable<TailnetState>, hash: string): FoundKey | undefined {
    for (const tailnet of tailnets) this.#refresh(tailnet)
    const name = this.#byHash.get(hash)
    const tailnet = name === undefined ? undefined : this.#seen.get(name)
    const key = [...tailnet?.apiKeys.values() ?? []].find((candidate) => sameHash(candidate.hash, hash))
    return tailnet === undefined || key === undefined ? undefined : { tailnet, key }
  }
}
