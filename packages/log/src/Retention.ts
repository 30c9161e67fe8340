/** How long each topic is kept unless the settings say otherwise (DESIGN "The log"). */
import type { Topic } from "./Log.ts"

const day = 86_400_000

/** In milliseconds; `Infinity`: forever, or compacted (`positions`, `secrets`). */
export const defaultRetentionMillis: Readonly<Record<Topic, number>> = {
  audit: 90 * day,
  flow: 30 * day,
  control: Infinity,
  ledger: 90 * day,
  positions: Infinity,
  quarantine: 90 * day,
  secrets: Infinity
}
