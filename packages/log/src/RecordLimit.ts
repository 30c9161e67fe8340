/** The one limit on a record's size, the same in every implementation. */
import type { Entry } from "./Log.ts"
import { RecordTooLarge } from "./LogError.ts"

/** Largest value of a record in bytes: 1 MiB. */
export const maxValueBytes = 1_048_576

/** The error for the first entry over the limit; `undefined` if all are within it. */
export const tooLarge = (entries: ReadonlyArray<Entry>): RecordTooLarge | undefined => {
  const bytes = entries.find(({ value }) => value !== null && value.length > maxValueBytes)?.value?.length
  return bytes === undefined ? undefined : new RecordTooLarge({ bytes, maxBytes: maxValueBytes })
}
