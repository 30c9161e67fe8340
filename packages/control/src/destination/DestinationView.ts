/** A destination as the API shows it: the fields as they were given, and never a secret. */
import type { DestinationAnswer, StreamAnswer } from "@tailrace/api"
import type { Destination, DestinationVersion } from "@tailrace/domain"
import { rfc3339 } from "../Time.ts"

const fields = (destination: Destination, { config, upload }: DestinationVersion): StreamAnswer => ({
  logType: destination.logType,
  destinationType: config._tag,
  url: config.url,
  user: config.user ?? "",
  uploadPeriodMinutes: upload.periodMinutes,
  compressionFormat: upload.codec,
  s3Bucket: config.bucket,
  s3Region: config.region,
  s3KeyPrefix: config.keyPrefix,
  s3AuthenticationType: "accesskey",
  s3AccessKeyId: config.accessKeyId
})

export const streamAnswer = fields

export const destinationAnswer = (destination: Destination, version: DestinationVersion): DestinationAnswer => ({
  id: destination.id,
  name: destination.name,
  slot: destination.slot,
  ...fields(destination, version),
  uploadPeriodSeconds: version.upload.periodSeconds,
  keyLayout: version.upload.keyLayout,
  emptyWindows: version.upload.emptyWindows,
  addressing: version.config.addressing,
  paused: destination.paused,
  version: version.version,
  created: rfc3339(destination.createdMillis),
  updated: rfc3339(version.at),
  updatedBy: version.by.loginName === "" ? version.by.displayName : version.by.loginName
})
