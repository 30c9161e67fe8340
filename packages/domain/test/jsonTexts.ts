/** JSON texts for properties: any value, with spaces and escapes wherever JSON allows them. */
import * as fc from "fast-check"

const spaces = ["", "", " ", "\t ", "\r\n"]

/** Draws choices from a list, again and again. */
const chooser = (draws: ReadonlyArray<number>) => {
  let index = 0
  return <A>(options: ReadonlyArray<A>, fallback: A): A =>
    options[(draws[index++ % Math.max(1, draws.length)] ?? 0) % options.length] ?? fallback
}

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`

const writer = (draws: ReadonlyArray<number>) => {
  const choose = chooser(draws)
  const space = () => choose(spaces, "")
  const string = (text: string): string => {
    const [first = "", ...rest] = text
    return first !== "" && first.length === 1 && choose([true, false, false], false)
      ? `"${escaped(first)}${JSON.stringify(rest.join("")).slice(1)}`
      : JSON.stringify(text)
  }
  const write = (value: unknown): string => {
    if (typeof value === "string") return string(value)
    if (Array.isArray(value)) {
      return `[${space()}${value.map((element) => `${space()}${write(element)}${space()}`).join(",")}]`
    }
    if (typeof value !== "object" || value === null) return JSON.stringify(value)
    const members = Object.entries(value).map(([name, inner]) =>
      `${space()}${string(name)}${space()}:${space()}${write(inner)}`
    )
    return `{${space()}${members.join(`${space()},`)}${space()}}`
  }
  return write
}

/** Values whose members often have one of the names. */
export const jsonTexts = (names: ReadonlyArray<string>): fc.Arbitrary<string> => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4, withCrossShrink: true }, tie("leaf"), tie("array"), tie("object")),
    leaf: fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("\"", "\\", "\\\"", "]}", ""),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.boolean(),
      fc.constant(null)
    ),
    array: fc.array(tie("value"), { maxLength: 3 }),
    object: fc.dictionary(
      fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 3 })).filter((name) => name !== "__proto__"),
      tie("value"),
      { maxKeys: 4 }
    )
  }))
  return fc.tuple(value, fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 20 }))
    .map(([drawn, draws]) => writer(draws)(drawn))
}
