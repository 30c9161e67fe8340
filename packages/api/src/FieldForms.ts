/**
 * The form of each field of a destination's body, as data read from its schema: for whoever asks a person for it or
 * describes it (flags, pages). Checking a value is the schema's own work.
 */
import { Option, Schema } from "effect"
import type { DestinationFieldName } from "./DestinationFields.ts"
import { DestinationBody } from "./StreamBody.ts"

/** `words`: one of a few; `list`: texts; `map`: texts by name; `rules`: an object with a schema of its own. */
export interface FieldForm {
  readonly name: DestinationFieldName
  readonly kind: "text" | "secret" | "words" | "whole" | "list" | "map" | "rules"
  readonly description: string
  /** Of `words`, without the empty one that means absence. */
  readonly words: ReadonlyArray<string>
  /** Of `whole`. */
  readonly minimum: number
  readonly maximum: number
}

const Member = Schema.Struct({
  type: Schema.optionalKey(Schema.String),
  enum: Schema.optionalKey(Schema.Array(Schema.String)),
  minimum: Schema.optionalKey(Schema.Finite),
  maximum: Schema.optionalKey(Schema.Finite),
  format: Schema.optionalKey(Schema.String),
  allOf: Schema.optionalKey(Schema.Array(Schema.Struct({ format: Schema.optionalKey(Schema.String) })))
})

/** A field that may be null: its own form, and `null`. */
const Property = Schema.Struct({ description: Schema.String, anyOf: Schema.Array(Member) })

type Member = typeof Member.Type

const kindOf = (name: string, { allOf = [], enum: words, type }: Member): FieldForm["kind"] => {
  if (name === "rules") return "rules"
  if (allOf.some(({ format }) => format === "password")) return "secret"
  if (words !== undefined) return "words"
  if (type === "integer") return "whole"
  if (type === "array") return "list"
  return type === "object" ? "map" : "text"
}

const formOf = (
  name: DestinationFieldName,
  { anyOf: [member = {}], description }: typeof Property.Type
): FieldForm => ({
  name,
  kind: kindOf(name, member),
  description,
  words: (member.enum ?? []).filter((word) => word !== ""),
  minimum: member.minimum ?? 0,
  maximum: member.maximum ?? 0
})

const isField = (name: string): name is DestinationFieldName =>
  name in DestinationBody.fields && name !== "destinationType" && name !== "logType"

const decode = Schema.decodeUnknownOption(Property)

const read = (): ReadonlyMap<DestinationFieldName, FieldForm> => {
  const { definitions } = Schema.toJsonSchemaDocument(DestinationBody)
  const properties: unknown = definitions["DestinationBody"]?.["properties"]
  const forms = Object.entries(properties ?? {}).flatMap(([name, property]) =>
    isField(name) ? Option.toArray(Option.map(decode(property), (known) => formOf(name, known))) : []
  )
  return new Map(forms.map((form) => [form.name, form]))
}

/**
 * The form of every field of `DestinationBody`, in its order.
 *
 * @example
 * ```ts
 * fieldForms.get("compressionFormat")?.words // => ["none", "zstd", "gzip"]
 * ```
 */
export const fieldForms: ReadonlyMap<DestinationFieldName, FieldForm> = read()
