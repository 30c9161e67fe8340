/** Records for properties: as ingest writes them, and in any form that JSON allows. */
import * as fc from "fast-check"

const digits = (length: number) =>
  fc.integer({ min: 0, max: 10 ** length - 1 }).map((n) => `${n}`.padStart(length, "0"))

const fraction = fc.oneof(
  fc.constant(""),
  fc.integer({ min: 1, max: 9 }).chain(digits).map((text) => `.${text}`)
)
const zone = fc.oneof(
  { weight: 4, arbitrary: fc.constant("Z") },
  { weight: 1, arbitrary: fc.constantFrom("z", "+00:00", "-08:00", "+05:45", "-00:30", "+23:59") }
)

/** RFC 3339, mostly of these years. */
export const timestamps = fc.tuple(
  fc.oneof(fc.integer({ min: 2000, max: 2040 }), fc.integer({ min: 0, max: 9999 })),
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 1, max: 28 }),
  fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 60 })),
  fraction,
  zone
).map(([year, month, day, [hour, minute, second], rest, end]) => {
  const pad = (value: number, length = 2) => `${value}`.padStart(length, "0")
  const date = `${pad(year, 4)}-${pad(month)}-${pad(day)}`
  return `${date}T${pad(hour)}:${pad(minute)}:${pad(second)}${rest}${end}`
})

const noTimes = fc.constantFrom<unknown>(
  "",
  "yesterday",
  "2026-13-01T00:00:00Z",
  "2026-01-01 00:00:00Z",
  5,
  null,
  {},
  []
)
const values = fc.oneof({ weight: 6, arbitrary: timestamps }, { weight: 1, arbitrary: noTimes })

const oddNames = fc.constantFrom("Logged", "logged ", "start\"", "end\\", "eventTime\n", "tÿpe", "𝒏", "nodeId", "x")
const others = fc.dictionary(fc.oneof(oddNames, fc.string({ maxLength: 6 })), fc.jsonValue({ maxDepth: 2 }), {
  maxKeys: 5
})

const shuffled = <A>(items: ReadonlyArray<A>) => fc.shuffledSubarray([...items], { minLength: items.length })

const named = fc.record(
  {
    logged: values,
    eventTime: values,
    start: values,
    end: values,
    type: fc.constantFrom<unknown>("CONFIG", { "}": "{" }),
    nodeId: fc.string()
  },
  { requiredKeys: [] }
)

/** Between tokens; delivery lets no line break through. */
const spaces = fc.constantFrom("", "", " ", "\t ", "  ")

/** The same string with some of its characters escaped. */
const escaped = (text: string, mask: number) =>
  [...JSON.stringify(text)].map((character, index) =>
    /[a-zA-Z0-9:]/.test(character) && text.length > 0 && !JSON.stringify(text).includes("\\") &&
      (mask >> index % 30 & 1) === 1
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
      : character
  ).join("")

/** Objects of any form: order, white space and escapes are drawn. Names are not repeated. */
export const anyRecords = fc.tuple(named, others).chain(([known, more]) =>
  fc.tuple(
    shuffled(Object.entries({ ...more, ...known })),
    fc.infiniteStream(spaces),
    fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat())
  ).map(([members, gaps, mask]) => {
    const gap = () => gaps.next().value ?? ""
    const value = (item: unknown) => typeof item === "string" ? escaped(item, mask) : JSON.stringify(item)
    const body = members.map(([name, item]) => `${gap()}${escaped(name, mask)}${gap()}:${gap()}${value(item)}${gap()}`)
    return `{${body.length === 0 ? gap() : body.join(",")}}`
  })
)

/** As ingest writes them. */
export const usualRecords = (topic: "audit" | "flow") =>
  fc.tuple(fc.array(timestamps, { minLength: 3, maxLength: 3 }), fc.string(), others).map(([[a, b, c], id, more]) => {
    const front = topic === "flow" ? { logged: a, nodeId: id, start: b, end: c } : { logged: a, eventTime: b }
    return JSON.stringify({
      ...front,
      ...Object.fromEntries(Object.entries(more).filter(([name]) => name !== "nodeId"))
    })
  })
