// What the proof on Kafka counts as a takeover, a gap and a kill amid a seal.
import { assert, describe, it } from "@effect/vitest"
import { amidSeal, gapsOf, type Takeovers, type WorkerKill } from "../src/fleet/takeover.ts"

const killed = (pid: number, at: number, ...lanes: ReadonlyArray<number>): WorkerKill => ({
  app: "delivery",
  pid,
  at,
  wasServing: true,
  lanes
})
const millisOf = (takeovers: Takeovers) => gapsOf(takeovers).map(({ millis }) => millis)
const claim = (lane: number, pid: number, at: number) => ({ lane, pid, at })
const told = (lane: number, pid: number, isAmidSeal = false) => ({
  lane,
  process: `delivery ${pid} on here`,
  isAmidSeal
})

describe("gaps", () => {
  const losses = [killed(7, 1_000, 0, 1)]

  it("last from the kill to the next owner's claim, lane by lane", () => {
    const claims = [claim(0, 7, 500), claim(1, 7, 500), claim(0, 8, 3_000), claim(1, 9, 8_000), claim(1, 8, 9_000)]
    assert.deepStrictEqual(millisOf({ losses, claims, brokerDown: [] }), [2_000, 7_000])
  })

  it("do not end with a claim of the dead that is seen late", () => {
    const claims = [claim(0, 7, 1_100), claim(0, 8, 5_000), claim(1, 8, 5_000)]
    assert.deepStrictEqual(millisOf({ losses, claims, brokerDown: [] }), [4_000, 4_000])
  })

  it("are endless where nobody came", () => {
    assert.deepStrictEqual(millisOf({ losses, claims: [claim(0, 8, 2_000)], brokerDown: [] }), [1_000, Infinity])
  })

  it("leave out what the broker was away", () => {
    const claims = [claim(0, 8, 21_000), claim(1, 8, 4_000)]
    const brokerDown = [[0, 1_500], [3_500, 11_500]] as const
    assert.deepStrictEqual(millisOf({ losses, claims, brokerDown }), [11_500, 2_000])
  })
})

describe("kills amid a seal", () => {
  const kills = [killed(7, 1_000, 0, 1), killed(8, 2_000, 0)]

  it("are those whose successor found one open, on whichever lane", () => {
    const claims = [told(0, 7), told(0, 8), told(0, 9), told(1, 7), told(1, 8, true)]
    assert.deepStrictEqual(amidSeal(kills, claims).map(({ pid }) => pid), [7])
  })

  it("are not those of a lane that had gone before", () => {
    const claims = [told(0, 7), told(0, 8, true), told(0, 9), told(2, 8), told(2, 9, true)]
    assert.deepStrictEqual(amidSeal([killed(8, 2_000, 0)], claims), [])
  })
})
