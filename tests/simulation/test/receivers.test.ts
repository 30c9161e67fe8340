/** Situations of receivers that need more room than a seed has: far behind, many, and stubborn. */
import { assert, describe, it } from "@effect/vitest"
import { laneOf } from "@tailrace/log"
import { Effect } from "effect"
import { leastLegBytes } from "../src/run/simulate.ts"
import { Stage } from "../src/run/Stage.ts"
import { receiverConfig } from "../src/world/Configs.ts"
import { indexUrl } from "../src/world/Indexes.ts"
import { poisonValue } from "../src/world/Records.ts"
import { day, hour, kib, limits, patience } from "./room.ts"

describe("a receiver 20 days behind", () => {
  const tailnet = "example.com"
  const lane = laneOf(tailnet, 2)

  const firstTaken = ({ world }: Stage, id: string): ReadonlyMap<number, number> => {
    const taken = new Map<number, number>()
    for (const { received } of world.indexes.all()) {
      for (const { at, offset, send } of received) {
        if (send.destination === id && !taken.has(offset)) taken.set(offset, at)
      }
    }
    return taken
  }

  it("does not hold up one that is 5 minutes behind, and gets everything once", () => {
    const stage = new Stage({ limits, lanes: 2, processes: 1, oneReadBytes: 1024 * kib })
    const { desk, fleet, producers, world } = stage
    const common = { tailnet, logType: "network", periodSeconds: 5, codec: "gzip" } as const
    stage.do(desk.createTailnet(tailnet))
    stage.do(stage.create({ ...common, id: "dst_far", config: receiverConfig("one") }))
    stage.do(desk.setPaused(stage.destination("dst_far"), true))
    for (let days = 0; days < 20; days++) {
      for (let part = 0; part < 2; part++) producers.append({ tailnet, logType: "network", count: 500 })
      stage.wait(day)
    }
    fleet.start()
    stage.wait(hour)
    stage.do(stage.create({ ...common, id: "dst_near", config: receiverConfig("two") }))
    stage.do(desk.setPaused(stage.destination("dst_near"), true))
    const before = world.boundsNow("flow", lane).next
    producers.append({ tailnet, logType: "network", count: 100 })
    stage.wait(5 * 60_000)
    world.pullMillis = 800
    const resumedAt = world.timeline.now
    const both = ["dst_far", "dst_near"].map((id) => desk.setPaused(stage.destination(id), false))
    stage.do(Effect.all(both, { discard: true }))
    stage.wait(10 * 60_000)
    assert.deepStrictEqual(stage.verdict(), [])
    const near = firstTaken(stage, "dst_near")
    assert.strictEqual([...near.keys()].filter((offset) => offset >= before).length, 100)
    assert.isAtMost(Math.max(...near.values()) - resumedAt, 10_000)
    const far = firstTaken(stage, "dst_far")
    const written = world.history.records("flow", lane).length
    assert.isAbove(Math.max(...far.values()) - resumedAt, 10_000)
    assert.strictEqual(far.size, written)
    // Once each: nothing went wrong.
    const sent = world.indexes.sends.filter(({ destination }) => destination === "dst_far")
    assert.strictEqual(sent.reduce((sum, { items }) => sum + items.length, 0), written)
  }, patience)
})

describe("a hundred receivers that are slow", () => {
  const count = 10

  it("gather no more than their budget, and get everything in the end", () => {
    const names = Array.from({ length: count }, (_, number) => `t${number}.example`)
    const few = { ...limits, receiversBytes: 512 * kib, batchBytes: 16 * kib, legShareBytes: 128 * kib }
    const oneReadBytes = 256 * kib
    const stage = new Stage({ limits: few, lanes: 2, processes: 1, oneReadBytes, receiverLegs: count * count })
    const { desk, fleet, producers, world } = stage
    const index = world.indexes.at(`${indexUrl}/one`)
    index.slowness = 20_000
    stage.do(Effect.forEach(names, (tailnet) => desk.createTailnet(tailnet), { discard: true }))
    const all = names.flatMap((tailnet, at) =>
      Array.from({ length: count }, (_, number) => ({
        id: `dst_${at}x${number}`,
        tailnet,
        logType: "network",
        periodSeconds: 5,
        codec: "none",
        config: receiverConfig("one")
      } as const))
    )
    stage.do(Effect.forEach(all, (one) => stage.create(one), { discard: true }))
    fleet.start()
    for (let part = 0; part < 6; part++) {
      for (const tailnet of names) producers.append({ tailnet, logType: "network", count: 250 })
      stage.wait(10_000)
    }
    index.slowness = 0
    stage.wait(30 * 60_000)
    assert.deepStrictEqual(stage.verdict(), [])
    const bytes = index.received.reduce((sum, { line }) => sum + line.length, 0)
    assert.isAbove(bytes, 2 * (few.receiversBytes + count * count * leastLegBytes), "it does not fit into memory")
  }, patience)
})

describe("a receiver that stops at the first bad record", () => {
  const tailnet = "example.com"
  const lane = laneOf(tailnet, 2)
  const largest = 1024 * kib
  const network = { tailnet, logType: "network" } as const

  const toHec = (): Stage => {
    const stage = new Stage({ limits, lanes: 2, processes: 1, oneReadBytes: 4 * largest })
    const { desk, fleet, world } = stage
    const most = largest + 32
    world.indexes.make({
      name: "one",
      style: "hec",
      limits: { requestBytes: most, requestRecords: 100, recordBytes: most, inFlight: 4, codecs: ["none", "gzip"] },
      maxAgeMillis: null,
      hiddenBytes: null
    })
    stage.do(desk.createTailnet(tailnet))
    stage.do(stage.create({ ...network, id: "dst_1", periodSeconds: 5, codec: "gzip", config: receiverConfig("one") }))
    fleet.start()
    return stage
  }

  const appendPoison = ({ world }: Stage, isLargest: boolean): Uint8Array => {
    const value = poisonValue(world.dice, "rotten", { at: 0, logType: "network", largest, isLargest })
    const at = world.timeline.now
    world.server.fork(world.memory.log.append("flow", lane, [{ key: tailnet, value }]))
    world.history.absorb(lane, { at, process: "producer", claim: null, lastClaim: 0 })
    return value
  }

  const taken = ({ world }: Stage): number => world.indexes.all().flatMap(({ received }) => received).length

  it("quarantines a record of maximum size as it is, alone, and goes on behind it", () => {
    const stage = toHec()
    const { producers, world } = stage
    producers.append({ ...network, count: 30 })
    appendPoison(stage, true)
    producers.append({ ...network, count: 30 })
    stage.wait(60_000)
    assert.deepStrictEqual(stage.verdict(), [])
    const entries = world.history.records("quarantine", lane)
    assert.deepStrictEqual(entries.map((entry) => entry.value?.length), [largest])
    assert.match(entries[0]?.headers?.["reason"] ?? "", /poison/)
    assert.strictEqual(taken(stage), 60)
  }, patience)

  it("is suspended when it refuses everything, and goes on when it works, though a bad record lies in front", () => {
    const stage = toHec()
    const { producers, world } = stage
    const [index] = world.indexes.all()
    if (index !== undefined) index.refusesAll = true
    producers.appendNow(lane, { ...network, count: 20 })
    appendPoison(stage, false)
    producers.appendNow(lane, { ...network, count: 30 })
    stage.wait(10 * 60_000)
    const quarantined = () => world.history.records("quarantine", lane).length
    assert.deepStrictEqual([taken(stage), quarantined()], [0, 20])
    if (index !== undefined) index.refusesAll = false
    stage.wait(4 * hour)
    assert.deepStrictEqual(stage.verdict(), [])
    assert.deepStrictEqual([taken(stage), quarantined()], [30, 21])
  }, patience)
})
