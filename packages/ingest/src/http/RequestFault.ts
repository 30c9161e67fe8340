/** Why a request's body is not worked off, whatever is in it. Nothing of such a request is taken. */
import { Schema } from "effect"

/** A `Content-Encoding` other than gzip, zstd and identity. HTTP 415. */
export class UnsupportedEncoding extends Schema.TaggedError<UnsupportedEncoding>()("UnsupportedEncoding", {
  encoding: Schema.String
}) {
  override get message(): string {
    return `Content-Encoding ${this.encoding} is not supported; use gzip, zstd or identity`
  }
}

/** The body, compressed or not, is over the limit. HTTP 413. */
export class BodyTooLarge extends Schema.TaggedError<BodyTooLarge>()("BodyTooLarge", { maxBytes: Schema.Int }) {
  override get message(): string {
    return `a body is at most ${this.maxBytes} bytes, uncompressed`
  }
}

/** Cut off, or not what `Content-Encoding` says. HTTP 400. */
export class BodyUnreadable extends Schema.TaggedError<BodyUnreadable>()("BodyUnreadable", {
  reason: Schema.String
}) {
  override get message(): string {
    return `the body cannot be read: ${this.reason}`
  }
}

/** The requests in flight take all the memory that they may. HTTP 503; the same request is welcome later. */
export class OverBudget extends Schema.TaggedError<OverBudget>()("OverBudget", {}) {
  override get message(): string {
    return "too many requests are in flight, try again"
  }
}

/** The process drains. HTTP 503. */
export class ShuttingDown extends Schema.TaggedError<ShuttingDown>()("ShuttingDown", {}) {
  override get message(): string {
    return "the server is shutting down"
  }
}

export type RequestFault = UnsupportedEncoding | BodyTooLarge | BodyUnreadable | OverBudget | ShuttingDown
