/** The ranges that the operator opens for destinations besides the public internet. */
import { Config, Option, Result, Schema } from "effect"
import { type AddressRange, parseRange } from "./Address.ts"

export type AllowedRanges = ReadonlyArray<AddressRange>

/** One element of the list is neither an address nor a CIDR range. */
export class InvalidRange extends Schema.TaggedError<InvalidRange>()("InvalidRange", { text: Schema.String }) {
  override get message(): string {
    return `"${this.text}" is neither an IP address nor a range such as 10.0.0.0/8 or fd00::/8`
  }
}

/**
 * Comma separated addresses and CIDR ranges, IPv4 and IPv6. A range also allows plain HTTP to its addresses.
 *
 * @example parseAllowedRanges("127.0.0.0/8, ::1, 10.20.0.0/16")
 */
export const parseAllowedRanges = (text: string): Result.Result<AllowedRanges, InvalidRange> =>
  Result.all(
    text.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part) =>
      Result.fromOption(parseRange(part), () => new InvalidRange({ text: part }))
    )
  )

/** What `TAILRACE_DEMO` adds, so that the demo's own server can be reached. */
export const loopback: AllowedRanges = ["127.0.0.0/8", "::1"].map((text) => Option.getOrThrow(parseRange(text)))

const RangesText = Schema.String.check(
  Schema.makeFilter((text: string) =>
    Result.match(parseAllowedRanges(text), { onSuccess: () => true, onFailure: (error) => error.message })
  )
)

/** `TAILRACE_ALLOW_ENDPOINTS`; empty by default. */
export const AllowedRangesConfig: Config.Config<AllowedRanges> = Config.schema(
  RangesText,
  "TAILRACE_ALLOW_ENDPOINTS"
).pipe(
  Config.withDefault(""),
  Config.map((text) => Result.getOrElse(parseAllowedRanges(text), () => []))
)
