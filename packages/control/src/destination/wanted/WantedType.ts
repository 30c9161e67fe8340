/** What one type of destination makes of a request's body, and shows of its configuration. One file each. */
import type { BadRequest, DestinationBody, TypeAnswer } from "@tailrace/api"
import type { DestinationConfig } from "@tailrace/domain"
import type { Redacted, Result } from "effect"

/** What a body says of the secret: its text; `absent`: nothing; `none`: this configuration works without one. */
export type GivenSecret = Redacted.Redacted | "absent" | "none"

export interface Read<Config> {
  readonly config: Config
  readonly secret: GivenSecret
}

/** Pure. Fields of other types are not looked at. */
export interface WantedType<Config> {
  /** The field that holds the secret: named where it is missing. */
  readonly secretField: "token" | "s3SecretAccessKey" | "gcsCredentials" | "azureSecret"
  /** Names in the API of the configuration's fields, where they differ: `checkDestination` complains of the latter. */
  readonly fieldNames: Readonly<Record<string, string>>
  /** `before`: the configuration in force, if it is of this type; it has what only our own endpoints can say. */
  read(body: DestinationBody, before: Config | undefined): Result.Result<Read<Config>, BadRequest>
  /** The fields of this type in an answer; those that every type has are not among them. */
  show(config: Config): Partial<TypeAnswer>
}

export type WantedTypes = {
  readonly [Tag in DestinationConfig["_tag"]]: WantedType<Extract<DestinationConfig, { readonly _tag: Tag }>>
}
