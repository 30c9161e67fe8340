/**
 * Which lane a name belongs to: the partitioner of Kafka's Java client (murmur2), so that records that other
 * producers put on Kafka by key lie where ours do. It is only where *we* append; readers filter by key, never by lane.
 */
import type { Lane } from "./Log.ts"

const seed = 0x9747b28c
const mixer = 0x5bd1e995
const encoder = new TextEncoder()

const mix = (word: number): number => {
  const product = Math.imul(word, mixer)
  return Math.imul(product ^ (product >>> 24), mixer)
}

const at = (data: Uint8Array, index: number): number => data[index] ?? 0

const wordAt = (data: Uint8Array, index: number): number =>
  at(data, index) | (at(data, index + 1) << 8) | (at(data, index + 2) << 16) | (at(data, index + 3) << 24)

/**
 * The 32-bit murmur2 of Kafka's `Utils.murmur2`, as a signed integer.
 *
 * @example
 * ```ts
 * murmur2(new TextEncoder().encode("foobar")) // -790332482
 * ```
 */
export const murmur2 = (data: Uint8Array): number => {
  const tail = data.length & ~3
  let hash = seed ^ data.length
  for (let index = 0; index < tail; index += 4) hash = Math.imul(hash, mixer) ^ mix(wordAt(data, index))
  // The last one to three bytes: `wordAt` reads zeros beyond the end.
  if (tail < data.length) hash = Math.imul(hash ^ wordAt(data, tail), mixer)
  hash = Math.imul(hash ^ (hash >>> 13), mixer)
  return hash ^ (hash >>> 15)
}

/** The lane of a name, such as a tailnet's, among `lanes` of them: `toPositive(murmur2(utf8)) % lanes`. */
export const laneOf = (name: string, lanes: number): Lane => (murmur2(encoder.encode(name)) & 0x7fffffff) % lanes
