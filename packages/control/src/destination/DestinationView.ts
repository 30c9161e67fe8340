/** A destination as the API shows it: the fields as they were given, and never a secret. */
import type { DestinationAnswer, StreamAnswer, TypeAnswer } from "@tailrace/api"
import { type Destination, type DestinationConfig, type DestinationVersion, isStore } from "@tailrace/domain"
import { rfc3339 } from "../Time.ts"
import { wantedType } from "./wanted/wantedOf.ts"

const ofType = (config: DestinationConfig): Partial<TypeAnswer> => wantedType(config._tag).show(config)

const common = (destination: Destination, { config, upload }: DestinationVersion) => ({
  logType: destination.logType,
  destinationType: config._tag,
  url: config.url,
  user: config.user ?? "",
  uploadPeriodMinutes: upload.periodMinutes,
  compressionFormat: upload.codec
})

/** Tailscale's fields only; what is ours besides is left out when the answer is encoded. */
export const streamAnswer = (destination: Destination, version: DestinationVersion): StreamAnswer => ({
  ...common(destination, version),
  ...ofType(version.config)
})

const uploadOf = ({ config, upload }: DestinationVersion) =>
  isStore(config)
    ? {
      uploadPeriodSeconds: upload.periodSeconds,
      keyLayout: upload.keyLayout,
      emptyWindows: upload.emptyWindows
    }
    : {}

export const destinationAnswer = (destination: Destination, version: DestinationVersion): DestinationAnswer => ({
  id: destination.id,
  name: destination.name,
  slot: destination.slot,
  ...common(destination, version),
  ...ofType(version.config),
  ...uploadOf(version),
  ...(version.rules === undefined ? {} : { rules: version.rules }),
  paused: destination.paused,
  version: version.version,
  created: rfc3339(destination.createdMillis),
  updated: rfc3339(version.at),
  updatedBy: version.by.loginName === "" ? version.by.displayName : version.by.loginName
})
