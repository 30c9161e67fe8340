/** Fed by the live reader: gathers, seals when the upload period ends, sends. */
import type { State } from "./State.ts"

export const streaming: State = (leg) => leg.work
