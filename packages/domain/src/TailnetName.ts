/** The name of a tailnet: its identity, and the key of its records in every topic. */
import { Schema } from "effect"

/** As Tailscale's organisation names: `example.com`, `alice@example.com`. No `/`: it ends the name in a key. */
export const TailnetName = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^[a-z0-9][a-z0-9.@_-]{0,252}$/)),
  Schema.brand("TailnetName")
)
export type TailnetName = typeof TailnetName.Type

/**
 * The tailnet's name in a record's key. Anything after a `/` only spreads a huge tailnet over lanes.
 *
 * @example
 * ```ts
 * tailnetOfKey("example.com/node-17") // => "example.com"
 * ```
 */
export const tailnetOfKey = (key: string): string => {
  const slash = key.indexOf("/")
  return slash < 0 ? key : key.slice(0, slash)
}
