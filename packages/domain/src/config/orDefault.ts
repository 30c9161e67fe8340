/** A field that older events do not have: absent means `value`. */
import { Effect, Schema } from "effect"

export const orDefault = <S extends Schema.Top>(schema: S, value: S["Type"]) =>
  schema.pipe(Schema.withDecodingDefaultTypeKey(Effect.succeed(value)))
