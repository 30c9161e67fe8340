/**
 * From the body of a request to what a command wants: each type reads its own fields (`wanted/`), what all types have
 * in common is read here, and what cannot work is refused by name. Pure; the schema has checked each field for itself.
 */
import { BadRequest, type DestinationBody } from "@tailrace/api"
import { type AllowedRanges, checkDestination, codecsOf } from "@tailrace/destinations"
import {
  type Codec,
  type DestinationConfig,
  type DestinationVersion,
  isStoreType,
  type LogType,
  misplacedRule,
  type Rules,
  type Upload
} from "@tailrace/domain"
import { Redacted, Result } from "effect"
import { wrong } from "../command/ApiAnswer.ts"
import { failWith, given, isRequired } from "./wanted/Given.ts"
import type { GivenSecret, Read, WantedType } from "./wanted/WantedType.ts"
import { wantedType } from "./wanted/wantedOf.ts"

/** What a body says, and what only the endpoint knows. */
export interface Wish {
  readonly body: DestinationBody
  /** The version in force, if the destination exists. */
  readonly before: DestinationVersion | undefined
  /** Tailscale's `/stream`, or ours. */
  readonly endpoint: "stream" | "ours"
  readonly logType: LogType
  readonly allowed: AllowedRanges
}

/** `keep`: the destination's own; `none`: it has none. */
export type WantedSecret = Redacted.Redacted | "keep" | "none"

export interface Wanted {
  readonly config: DestinationConfig
  readonly upload: Upload
  readonly rules?: Rules
  readonly secret: WantedSecret
}

/** Scheme, host and port. */
const originOf = ({ url }: DestinationConfig): string => URL.parse(url)?.origin ?? ""

/**
 * A secret that is not given again goes to the host it was given for, and to no other: who may change a URL may not
 * learn the secret by it.
 */
const secretOf = (
  field: string,
  { config, secret }: { readonly config: DestinationConfig; readonly secret: GivenSecret },
  before: DestinationVersion | undefined
): Result.Result<WantedSecret, BadRequest> => {
  if (secret !== "absent") return Result.succeed(secret)
  const kept = before?.config._tag === config._tag && before.secretVersion !== "" ? before : undefined
  if (kept === undefined) return failWith(field, isRequired)
  return originOf(kept.config) === originOf(config)
    ? Result.succeed("keep")
    : failWith(field, "is required when url names another host: the present one is not sent there")
}

/** Tailscale's API compresses nothing that is not said; ours does, with what every type of the kind takes. */
const defaultCodec = ({ body: { destinationType }, endpoint }: Wish): Codec => {
  if (endpoint === "stream") return "none"
  return isStoreType(destinationType) ? "zstd" : "gzip"
}

const codecOf = (wish: Wish): Result.Result<Codec, BadRequest> => {
  const { compressionFormat, destinationType } = wish.body
  const codec = given(compressionFormat) ?? defaultCodec(wish)
  const taken = codecsOf(destinationType)
  return taken.includes(codec)
    ? Result.succeed(codec)
    : failWith("compressionFormat", `must be one of ${taken.join(", ")} for ${destinationType}`)
}

/** What only our own endpoints can say is kept when Tailscale's `PUT …/stream` changes the destination. */
const uploadOf = (wish: Wish): Result.Result<Upload, BadRequest> => {
  const { before, body } = wish
  const seconds = body.uploadPeriodSeconds ?? undefined
  const periodMinutes = body.uploadPeriodMinutes ?? 0
  if (seconds !== undefined && periodMinutes !== 0 && seconds !== periodMinutes * 60) {
    return failWith("uploadPeriodSeconds", "contradicts uploadPeriodMinutes: give one of them")
  }
  return Result.map(codecOf(wish), (codec) => ({
    periodMinutes,
    periodSeconds: seconds ?? Math.max(1, periodMinutes) * 60,
    codec,
    keyLayout: given(body.keyLayout) ?? before?.upload.keyLayout ?? "documented",
    emptyWindows: given(body.emptyWindows) ?? before?.upload.emptyWindows ?? "none"
  }))
}

/** Absent: as before, so that Tailscale's calls take no redaction away; an empty object: no rules. */
const rulesOf = ({ before, body, logType }: Wish): Result.Result<{ readonly rules?: Rules }, BadRequest> => {
  const rules = body.rules ?? before?.rules ?? {}
  const misplaced = misplacedRule(rules, logType)
  if (misplaced !== undefined) return Result.fail(new BadRequest({ message: `rules.${misplaced}` }))
  return Result.succeed(Object.keys(rules).length === 0 ? {} : { rules })
}

const usable = ({ allowed }: Wish, type: WantedType<DestinationConfig>, config: DestinationConfig) =>
  Result.mapError(
    checkDestination(config, allowed),
    ({ field, reason }) =>
      field === "url" ? wrong("url", `is refused: ${reason}`) : wrong(type.fieldNames[field] ?? field, reason)
  )

const configBefore = ({ before, body }: Wish): DestinationConfig | undefined =>
  before?.config._tag === body.destinationType ? before.config : undefined

export const wantedOf = (wish: Wish): Result.Result<Wanted, BadRequest> =>
  Result.gen(function*() {
    const { before, body } = wish
    const type = wantedType(body.destinationType)
    const read: Read<DestinationConfig> = yield* type.read(body, configBefore(wish))
    const secret = yield* secretOf(type.secretField, read, before)
    yield* usable(wish, type, read.config)
    const upload = yield* uploadOf(wish)
    const rules = yield* rulesOf(wish)
    return { config: read.config, upload, ...rules, secret }
  })
