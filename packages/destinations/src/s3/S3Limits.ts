/** The bounds of one S3 request. Retries, and bounds on the number of requests, are the leg's. */
import { Duration } from "effect"

/** Name resolution, TCP and TLS together. */
export const connectTimeout = Duration.seconds(5)

/** A connection that takes no byte of a body for this long will take none at all. */
export const stallTimeout = Duration.seconds(10)

/** Every request gets this long … */
export const requestTimeout = Duration.seconds(60)

/** … and a `PUT` as much more as its body takes at this slowest bearable speed. */
export const slowestBytesPerSecond = 256 * 1024

export const putTimeout = (bodyBytes: number): Duration.Duration =>
  Duration.sum(requestTimeout, Duration.seconds(bodyBytes / slowestBytesPerSecond))
