/**
 * From the body of a request to what a command wants: each type reads its own fields (`wanted/`), what all types have in
 * common is read here, and what cannot work is refused by name. Pure; the schema has checked each field for itself.
 */
import type { BadRequest, DestinationBody } from "@tailrace/api"
import { type AllowedRanges, checkDestination } from "@tailrace/destinations"
import type { DestinationConfig, DestinationVersion, Rules, Upload } from "@tailrace/domain"
import { Redacted, Result } from "effect"
import { wrong } from "../command/ApiAnswer.ts"
import { failWith, given, isRequired } from "./wanted/Given.ts"
import type { GivenSecret, Read, WantedType } from "./wanted/WantedType.ts"
import { wantedTypes } from "./wanted/wantedTypes.ts"

/** What a body says, and what only the endpoint knows. */
export interface Wish {
  readonly body: DestinationBody
  /** The version in force, if the destination exists. */
  readonly before: DestinationVersion | undefined
  readonly defaultCodec: Upload["codec"]
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

const typeOf = (name: DestinationConfig["_tag"]): WantedType<DestinationConfig> => wantedTypes[name]

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

/** What only our own endpoints can say is kept when Tailscale's `PUT …/stream` changes the destination. */
const uploadOf = ({ before, body, defaultCodec }: Wish): Result.Result<Upload, BadRequest> => {
  const seconds = body.uploadPeriodSeconds ?? undefined
  const periodMinutes = body.uploadPeriodMinutes ?? 0
  if (seconds !== undefined && periodMinutes !== 0 && seconds !== periodMinutes * 60) {
    return failWith("uploadPeriodSeconds", "contradicts uploadPeriodMinutes: give one of them")
  }
  return Result.succeed({
    periodMinutes,
    periodSeconds: seconds ?? Math.max(1, periodMinutes) * 60,
    codec: given(body.compressionFormat) ?? defaultCodec,
    keyLayout: given(body.keyLayout) ?? before?.upload.keyLayout ?? "documented",
    emptyWindows: given(body.emptyWindows) ?? before?.upload.emptyWindows ?? "none"
  })
}

/** Absent: as before, so that Tailscale's calls take no redaction away; an empty object: no rules. */
const rulesOf = ({ before, body }: Wish): { readonly rules?: Rules } => {
  const rules = body.rules ?? before?.rules
  return rules === undefined || Object.keys(rules).length === 0 ? {} : { rules }
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
    const type = typeOf(body.destinationType)
    const read: Read<DestinationConfig> = yield* type.read(body, configBefore(wish))
    const secret = yield* secretOf(type.secretField, read, before)
    yield* usable(wish, type, read.config)
    const upload = yield* uploadOf(wish)
    return { config: read.config, upload, ...rulesOf(wish), secret }
  })
