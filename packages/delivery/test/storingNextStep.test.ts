import { assert, describe, it } from "@effect/vitest"
import { type LegView, nextStep, type Step } from "../src/storing/nextStep.ts"

const quiet: LegView = {
  draining: false,
  paused: false,
  deleted: false,
  sealed: false,
  retargeted: false,
  bodyReady: false,
  rebuilding: false,
  expired: false,
  lost: false,
  changed: false,
  full: false,
  gathering: false,
  live: true,
  due: false,
  writesEmpty: false
}

const cases: ReadonlyArray<readonly [string, Partial<LegView>, Step]> = [
  ["nothing to do", {}, "rest"],
  ["an upload period that is not over", { gathering: true }, "wait"],
  ["the upload period is over", { gathering: true, due: true }, "sealWindow"],
  ["a new configuration ends the window", { gathering: true, changed: true }, "sealWindow"],
  ["a new configuration and no window", { changed: true }, "adopt"],
  ["a window at its end goes before the one that fills", { full: true, gathering: true, due: true }, "sealFull"],
  ["behind the live reader", { live: false }, "wait"],
  ["an empty period that nobody wants", { due: true }, "rest"],
  ["an empty period that is written", { due: true, writesEmpty: true }, "sealEmpty"],
  ["an empty period while catching up", { due: true, writesEmpty: true, live: false }, "wait"],
  ["an open seal goes before all gathering", { sealed: true, bodyReady: true, full: true, due: true }, "send"],
  ["an open seal without content", { sealed: true }, "rebuild"],
  ["an open seal whose content is being read", { sealed: true, rebuilding: true }, "wait"],
  ["an open seal whose records have expired", { sealed: true, expired: true }, "inspect"],
  ["an open seal of another target", { sealed: true, bodyReady: true, retargeted: true }, "trySend"],
  ["an open seal of a deleted destination", { sealed: true, bodyReady: true, deleted: true }, "trySend"],
  ["deletion wins over pause", { sealed: true, deleted: true, paused: true }, "rebuild"],
  ["paused with an open seal", { sealed: true, bodyReady: true, paused: true }, "pause"],
  ["paused", { paused: true, gathering: true }, "pause"],
  ["deleted", { deleted: true, gathering: true, due: true }, "close"],
  ["expired: what was gathered goes first", { expired: true, gathering: true, live: false }, "sealWindow"],
  ["expired", { expired: true, live: false }, "expire"],
  ["the spool lost a window", { lost: true, sealed: true }, "reread"],
  ["stopping goes before everything", { draining: true, lost: true, sealed: true, bodyReady: true }, "drain"]
]

describe("next step of a leg to a store", () => {
  it.each(cases)("%s", (_, view, step) => {
    assert.strictEqual(nextStep({ ...quiet, ...view }), step)
  })
})
