/** Small pieces of request bodies and of the flags that fill them. */
import { Option, Schema } from "effect"

/** A field that is left out when its flag is absent. */
export const orAbsent = <Name extends string, A>(
  name: Name,
  value: Option.Option<A>
): { readonly [K in Name]?: A } => Option.match(value, { onNone: () => ({}), onSome: (given) => fieldOf(name, given) })

const fieldOf = <Name extends string, A>(name: Name, value: A) => {
  const field: { [K in Name]?: A } = {}
  field[name] = value
  return field
}

/** A whole number in a range, both ends included. */
export const wholeFrom = (minimum: number, maximum: number) =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum })).annotate({
    message: `must be a whole number from ${minimum} to ${maximum}`
  })
