/** Reads members of a parsed record of which nothing is known. What is absent or of another type reads as empty. */

/** A JSON object. */
export type Part = Readonly<Record<string, unknown>>

const nothing: Part = {}

export const isPart = (value: unknown): value is Part =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const partOf = (part: Part, name: string): Part => {
  const value = part[name]
  return isPart(value) ? value : nothing
}

export const textOf = (part: Part, name: string): string => {
  const value = part[name]
  return typeof value === "string" ? value : ""
}

export const listOf = (part: Part, name: string): ReadonlyArray<unknown> => {
  const value = part[name]
  return Array.isArray(value) ? value : []
}
