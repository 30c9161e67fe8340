/** What the audit log says of a destination: where it leads, never what opens it. */
import { Equal } from "effect"
import type { DestinationConfig } from "../config/index.ts"
import type { Destination, DestinationVersion } from "../Destination.ts"
import type { LogType } from "../LogType.ts"

/** An address without user, password, query and fragment: any of them may be a secret. */
const addressOf = (url: string): string => url.replace(/[?#].*$/s, "").replace(/^([a-zA-Z][^:]*:\/\/)[^/]*@/, "$1")

const placeOf = (config: DestinationConfig) => {
  switch (config._tag) {
    case "s3":
      return { s3Region: config.region, s3Bucket: config.bucket }
    case "gcs":
      return { gcsBucket: config.bucket }
    case "azure":
      return { azureContainer: config.container }
    default:
      return {}
  }
}

/** `{"provider","logstreamType","s3Region","s3Bucket"}` as the live service writes it; `endpointURL` if it has one. */
export const endpointView = (logType: LogType, { config }: DestinationVersion) => ({
  provider: config._tag,
  logstreamType: logType,
  ...placeOf(config),
  ...(config.url === "" ? {} : { endpointURL: addressOf(config.url) })
})

/** Which destination, where its log type does not say it: outside of the fixed slot there may be several. */
export const whichDestination = ({ id, name, slot }: Pick<Destination, "id" | "name" | "slot">): string | undefined =>
  slot === "stream" ? undefined : `destination ${id} (${name})`

const differing = (before: object, after: object): ReadonlyArray<string> => {
  const old = new Map<string, unknown>(Object.entries(before))
  return Object.entries(after).filter(([name, value]) => !Equal.equals(old.get(name), value)).map(([name]) => name)
}

/** Names of what differs between two versions; values may be found in the history. */
export const changedFields = (before: DestinationVersion, after: DestinationVersion): string => {
  const names = [
    ...differing(before.config, after.config),
    ...differing(before.upload, after.upload),
    ...(Equal.equals(before.rules, after.rules) ? [] : ["rules"]),
    ...(before.secretVersion === after.secretVersion ? [] : ["secret"])
  ]
  return `changed: ${names.join(", ")}`
}
