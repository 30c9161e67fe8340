/** Everything about one tailnet as an aggregate; exported from the package as the namespace `Tailnet`. */
export { isSystem, permissionOf, permits } from "./Authority.ts"
export { decide } from "./Decide.ts"
export type { CommandOf, Decision, EventOf, Taken } from "./Decision.ts"
export {
  currentVersion,
  liveDestination,
  maxDestinations,
  putIntoSlot,
  streamOf,
  type StreamPut,
  type Wanted
} from "./Destinations.ts"
export { invalidExternalId, maxExternalIds, reusableExternalId } from "./ExternalIds.ts"
export { evolve } from "./Evolve.ts"
export { accept, recordOf, rememberedCommands, type TailnetFold, take } from "./Fold.ts"
export { maxKeyDays } from "./Keys.ts"
export { ownerOf } from "./Members.ts"
export { noticesOf } from "./Notices.ts"
export { defaultSettings, permissionOfSetting, settingNames } from "./TailnetSettings.ts"
