/** Typed access to what node:sqlite returns; a value of another type means that the file is damaged. */
import type { SQLOutputValue } from "node:sqlite"
import { BatchDamaged } from "../BatchFormat.ts"

export type Row = Readonly<Record<string, SQLOutputValue>>

export const numberAt = (row: Row | undefined, name: string): number => {
  const value = row?.[name]
  if (typeof value === "number") return value
  throw new BatchDamaged(`${name} is not a number`)
}

export const textAt = (row: Row | undefined, name: string): string => {
  const value = row?.[name]
  if (typeof value === "string") return value
  throw new BatchDamaged(`${name} is not text`)
}

export const blobAt = (row: Row, name: string): Uint8Array<ArrayBuffer> => {
  const value = row[name]
  if (value instanceof Uint8Array) return value
  throw new BatchDamaged(`${name} is not a blob`)
}
