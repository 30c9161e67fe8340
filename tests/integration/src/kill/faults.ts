/** What happens to the store and its answers while processes are killed. */
import { Effect } from "effect"
import { type Fate, isUpload, type Seen } from "../proxy/HttpProxy.ts"
import { S3Site } from "../s3/S3Site.ts"
import type { Lots } from "./lots.ts"

/** One in ten PUT answers is late by 1 to 3 seconds, nearly as many are lost. */
export const fateBy = (lots: Lots) => (request: Seen): Fate => {
  if (!isUpload(request)) return { _tag: "Pass" }
  if (lots.percent(10)) return { _tag: "Hold", millis: lots.between(1_000, 3_000) }
  return lots.percent(8) ? { _tag: "Cut" } : { _tag: "Pass" }
}

/** The store is away twice, for some seconds each time. */
export const outages = Effect.fnUntraced(function*(seconds: number, lots: Lots) {
  const { start, stop } = yield* S3Site
  for (let outage = 0; outage < 2; outage++) {
    yield* Effect.sleep(seconds * 1_000 / 3)
    yield* stop
    yield* Effect.sleep(lots.between(2_000, 6_000))
    yield* start
  }
})
