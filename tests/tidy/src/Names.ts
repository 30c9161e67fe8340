/** File names that say nothing about what is inside. */
import path from "node:path"
import type { Complaint } from "./Source.ts"

const empty = /^(utils?|helpers?|common|managers?|types)$|(Utils?|Helpers?|Common|Managers?|Types)$/

export function fileName(file: string): ReadonlyArray<Complaint> {
  const name = path.basename(file).replace(/\..*$/, "")
  return empty.test(name) ? [{ path: file, line: 1, rule: `"${name}" says nothing about what is inside` }] : []
}
