/** What SQLite's result codes mean to the log (https://sqlite.org/rescode.html; node:sqlite puts them in `errcode`). */
import { BatchDamaged } from "../BatchFormat.ts"

const codes = { busy: 5, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const

const codeOf = (error: unknown): number =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode & 0xff : 0

export const reasonOf = (error: unknown): string => error instanceof Error ? error.message : String(error)

export const isFull = (error: unknown): boolean => codeOf(error) === codes.full

export const isBusy = (error: unknown): boolean => codeOf(error) === codes.busy

/** Why the data cannot be used, as half a sentence for a person. */
export const whyUnusable = (error: unknown): string => {
  switch (codeOf(error)) {
    case codes.corrupt:
    case codes.notADatabase:
      return `the log file is damaged (${reasonOf(error)})`
    case codes.readOnly:
    case codes.cannotOpen:
    case codes.ioError:
      return `it cannot be written (${reasonOf(error)})`
    case codes.full:
      return "the disk is full"
    default:
      return error instanceof BatchDamaged ? `the log file is damaged (${error.message})` : reasonOf(error)
  }
}
