/** The bounds of one S3 request. Retries, and bounds on the number of requests, are the leg's. */
import { Duration } from "effect"

/** Every request gets this long … */
export const requestTimeout = Duration.seconds(60)

/** … and a `PUT` as much more as its body takes at this slowest bearable speed. */
export const slowestBytesPerSecond = 256 * 1024

export const putTimeout = (bodyBytes: number): Duration.Duration =>
  Duration.sum(requestTimeout, Duration.seconds(bodyBytes / slowestBytesPerSecond))
