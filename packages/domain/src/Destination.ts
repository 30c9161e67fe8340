/** A configured sink of one tailnet and one log type: what the control log knows of it. Its running state is `Leg`. */
import { Schema } from "effect"
import { Actor } from "./Actor.ts"
import { DestinationConfig } from "./config/index.ts"
import { LogType } from "./LogType.ts"
import { Rules } from "./rules/Rules.ts"
import { TailnetName } from "./TailnetName.ts"

export const DestinationId = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^dst_[a-z0-9]{1,32}$/)),
  Schema.brand("DestinationId")
)
export type DestinationId = typeof DestinationId.Type

/** How records are compressed before upload. API words. */
export const Codec = Schema.Literals(["none", "zstd", "gzip"])
export type Codec = typeof Codec.Type

/**
 * Object names: `documented` is `YYYY/MM/DD/HH:MM:SS.json`, `live` is `YYYY/MM/DD/YYYY-MM-DD-HH-MM-SS.ndjson`
 * (both in Tailscale's log streaming: its documentation, and what its service was seen to write).
 */
export const KeyLayout = Schema.Literals(["documented", "live"])
export type KeyLayout = typeof KeyLayout.Type

/** What an upload period without records writes: nothing, an empty object, or one small JSON object that says so. */
export const EmptyWindows = Schema.Literals(["none", "zero-byte", "manifest"])
export type EmptyWindows = typeof EmptyWindows.Type

/** How windows are cut and written: the same for every type of destination that stores objects. */
export const Upload = Schema.Struct({
  /** As the client gave it (0 or absent means the default of 1 minute); echoed in reads. */
  periodMinutes: Schema.Int,
  /** Length of the upload period in use, in seconds: 5 to 86,400. */
  periodSeconds: Schema.Int,
  codec: Codec,
  keyLayout: KeyLayout,
  emptyWindows: EmptyWindows
})
export type Upload = typeof Upload.Type

/** One version of a destination's configuration, and who made it. Versions start at 1. */
export const DestinationVersion = Schema.Struct({
  version: Schema.Int,
  config: DestinationConfig,
  upload: Upload,
  /** Which records this destination gets, and what of them. Absent: all, as they are. */
  rules: Schema.optionalKey(Rules),
  /** Names the secret in the `secrets` topic; the secret itself is never in an event. Empty: there is none. */
  secretVersion: Schema.String,
  by: Actor,
  /** Epoch milliseconds. */
  at: Schema.Int
})
export type DestinationVersion = typeof DestinationVersion.Type

/**
 * Where a destination begins: `offsets[lane]` are the stable offsets of its topic, read before the event was appended;
 * or it continues where the destination it replaces has ended.
 */
export const Start = Schema.TaggedUnion({
  At: { offsets: Schema.Array(Schema.Int) },
  Replaces: { destination: DestinationId }
})
export type Start = typeof Start.Type

/** Folded state of one destination. `versions` keeps every version, since an open seal may need an older one. */
export interface Destination {
  readonly id: DestinationId
  readonly tailnet: TailnetName
  readonly logType: LogType
  /** `stream`: the one that Tailscale's own `/stream` calls address. */
  readonly slot: "stream" | null
  readonly name: string
  readonly versions: ReadonlyArray<DestinationVersion>
  readonly start: Start
  readonly paused: boolean
  /** Deleted destinations stay as long as a leg may have to finish what it began. */
  readonly deleted: boolean
  /** Id of the last test asked for; its result is in the ledger. */
  readonly testRequested: string | null
  /** Where in the control log it was created: positions written before do not know it. */
  readonly createdAt: { readonly lane: number; readonly offset: number }
  readonly createdMillis: number
}
