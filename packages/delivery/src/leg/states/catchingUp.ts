/** Fed by a catch-up reader, from the leg's place or for an open seal; otherwise as *streaming*. */
import type { State } from "./State.ts"

export const catchingUp: State = (leg) => leg.work
