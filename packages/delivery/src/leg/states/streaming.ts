/** Fed by the live reader: gathers, seals when the upload period ends, sends. */
import { work } from "../working.ts"
import type { State } from "./State.ts"

export const streaming: State = work
