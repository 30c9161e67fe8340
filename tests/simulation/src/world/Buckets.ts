/** The object stores of a simulated world: what each holds, and how each behaves. Their clients are in `SimStores`. */
import type { ObjectToPut } from "@tailrace/destinations"

export interface StoredObject {
  readonly key: string
  readonly body: Uint8Array
  readonly metadata: Readonly<Record<string, string>>
  /** Simulation time at which it was stored, in milliseconds. */
  readonly at: number
  readonly by: string
  /** Put by somebody else. */
  readonly foreign: boolean
}

export interface Bucket {
  readonly target: string
  /** Obeys `If-None-Match: *`. */
  conditional: boolean
  /** Shows object metadata in `HEAD`. */
  metadata: boolean
  head: "allowed" | "forbidden"
  /** `HEAD` is forbidden for good. */
  headless: boolean
  exists: boolean
  /** Secrets that may write. Empty: any. */
  readonly refused: Set<string>
  /** What every request is answered while it lasts. */
  outage: "none" | "error" | "silence"
  /** Time that each request takes, in milliseconds, besides the network. */
  slowness: number
  readonly objects: Map<string, StoredObject>
  /** Every object that was ever stored, replaced ones included. */
  readonly stored: Array<StoredObject>
}

export class Buckets {
  readonly #all = new Map<string, Bucket>()

  at(target: string): Bucket {
    const known = this.#all.get(target)
    if (known !== undefined) return known
    const bucket: Bucket = {
      target,
      conditional: true,
      metadata: true,
      head: "allowed",
      headless: false,
      exists: true,
      refused: new Set(),
      outage: "none",
      slowness: 0,
      objects: new Map(),
      stored: []
    }
    this.#all.set(target, bucket)
    return bucket
  }

  all(): ReadonlyArray<Bucket> {
    return [...this.#all.values()]
  }
}

/** The bucket works again as it was made. */
export const mend = (bucket: Bucket): void => {
  bucket.head = bucket.headless ? "forbidden" : "allowed"
  bucket.exists = true
  bucket.outage = "none"
  bucket.slowness = 0
  bucket.refused.clear()
}

/** Puts an object in, whatever was there. */
export const store = (
  bucket: Bucket,
  object: Pick<ObjectToPut, "key" | "body" | "metadata">,
  by: { readonly at: number; readonly by: string; readonly foreign: boolean }
): StoredObject => {
  const { body, key, metadata } = object
  const stored = { key, body: body.slice(), metadata: { ...metadata }, ...by }
  bucket.objects.set(key, stored)
  bucket.stored.push(stored)
  return stored
}

/** What a probe writes is no object of a leg. */
const isCanary = (key: string): boolean => key.includes(".tailrace-canary-")

/** Seal id in an object's metadata; none: not an object of a leg. */
export const sealOf = ({ key, metadata }: Pick<StoredObject, "key" | "metadata">): string | undefined =>
  isCanary(key) ? undefined : metadata["seal"]
