/**
 * The fields of a destination as flags: one for each field of the API's body that is no secret, by the API's own name
 * and meaning. What is wrong is for the server to say, except for what a flag's form can say at once.
 */
import { type DestinationFieldName, destinationFields, type FieldForm, fieldForms } from "@tailrace/api"
import { Rules } from "@tailrace/domain"
import { Option, Schema } from "effect"
import { Flag } from "effect/cli"
import { wholeFrom } from "./Request.ts"

/** `--url` says where the server is. */
const otherNames: Partial<Record<DestinationFieldName, string>> = { url: "endpoint" }

const shortNames: Partial<Record<DestinationFieldName, ReadonlyArray<string>>> = {
  s3Bucket: ["bucket"],
  s3Region: ["region"],
  s3KeyPrefix: ["prefix"],
  s3AccessKeyId: ["access-key-id"],
  compressionFormat: ["compression", "codec"],
  uploadPeriodMinutes: ["period-minutes"],
  uploadPeriodSeconds: ["period-seconds"]
}

/**
 * @example
 * ```ts
 * flagName("s3KeyPrefix") // => "s3-key-prefix"
 * ```
 */
export const flagName = (field: DestinationFieldName): string =>
  otherNames[field] ?? field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const typesOf = (field: DestinationFieldName): ReadonlyArray<string> =>
  Object.entries(destinationFields).filter(([, { fields }]) => fields.some(({ name }) => name === field))
    .map(([type]) => type)

/** Of fields that only some types have, which. */
const meaning = ({ description, name }: FieldForm): string => {
  const types = typesOf(name)
  const plain = description.replaceAll("`", "")
  return types.length === Object.keys(destinationFields).length ? plain : `${plain} (${types.join(", ")})`
}

const RulesText = Schema.fromJsonString(Rules)

/** The flag of one field; its value is what the body holds. */
const flagOf = (form: FieldForm): Flag.Flag<unknown> => {
  const name = flagName(form.name)
  switch (form.kind) {
    case "words":
      return Flag.Literals(name, form.words)
    case "whole":
      return Flag.Int(name).pipe(Flag.withSchema(wholeFrom(form.minimum, form.maximum)))
    case "list":
      return Flag.String(name).pipe(Flag.map((text) => text.split(",").map((part) => part.trim())))
    case "map":
      return Flag.KeyValuePair(name)
    case "rules":
      return Flag.String(name).pipe(Flag.withMetavar("json"), Flag.withSchema(RulesText))
    case "text":
    case "secret":
      return Flag.String(name)
  }
}

const withShortNames = (field: DestinationFieldName, flag: Flag.Flag<unknown>): Flag.Flag<unknown> =>
  (shortNames[field] ?? []).reduce((named, alias) => Flag.withAlias(named, alias), flag)

const open = [...fieldForms.values()].filter(({ kind }) => kind !== "secret")

/** One for each field that may stand on a command line, optional. */
export const fieldFlags: ReadonlyArray<Flag.Flag<Option.Option<unknown>>> = open.map((form) =>
  withShortNames(form.name, flagOf(form)).pipe(Flag.optional, Flag.withDescription(meaning(form)))
)

/** The fields that were given, by their names in the API. */
export const givenFields = (values: ReadonlyArray<Option.Option<unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(open.flatMap(({ name }, index) => {
    const value = values[index] ?? Option.none()
    return Option.isSome(value) ? [[name, value.value]] : []
  }))
