import { assert, describe, it } from "@effect/vitest"
import { nextReceiverStep, type ReceiverStep, type ReceiverView } from "../src/receiving/nextStep.ts"

const quiet: ReceiverView = {
  draining: false,
  paused: false,
  deleted: false,
  troubled: false,
  changed: false,
  expired: false,
  underWay: false,
  ready: false,
  gathered: false,
  free: true,
  opened: true,
  live: true,
  idle: false
}

const cases: ReadonlyArray<readonly [string, Partial<ReceiverView>, ReceiverStep]> = [
  ["nothing to do", {}, "wait"],
  ["nothing to do for long", { idle: true }, "rest"],
  ["nothing to do for long, but behind", { idle: true, live: false }, "wait"],
  ["a batch that still fills", { gathered: true, idle: true }, "wait"],
  ["a batch that is ready", { gathered: true, ready: true }, "send"],
  ["the first batch", { gathered: true, ready: true, opened: false }, "open"],
  ["another batch while requests are under way", { gathered: true, ready: true, underWay: true }, "send"],
  ["as many requests as may be", { gathered: true, ready: true, underWay: true, free: false }, "wait"],
  ["a commit under way, nothing gathered", { underWay: true, idle: true }, "wait"],
  ["a failure goes before sending", { troubled: true, ready: true, gathered: true }, "fail"],
  ["a new configuration waits for requests", { changed: true, underWay: true, ready: true }, "wait"],
  ["a new configuration is adopted before sending", { changed: true, ready: true }, "adopt"],
  ["a failure of the old configuration is dealt with first", { changed: true, troubled: true }, "fail"],
  ["expired: what was gathered goes first", { expired: true, gathered: true, ready: true, live: false }, "send"],
  ["expired: what is under way ends first", { expired: true, underWay: true, live: false }, "wait"],
  ["expired", { expired: true, live: false }, "expire"],
  ["paused, whatever else", { paused: true, troubled: true, ready: true }, "pause"],
  ["deletion wins over pause", { paused: true, deleted: true }, "close"],
  ["stopping goes before everything", { draining: true, deleted: true, paused: true, troubled: true }, "drain"]
]

describe("next step of a leg to a receiver", () => {
  it.each(cases)("%s", (_, view, step) => {
    assert.strictEqual(nextReceiverStep({ ...quiet, ...view }), step)
  })
})
