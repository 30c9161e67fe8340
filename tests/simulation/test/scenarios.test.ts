/** Two situations that need more room than a seed has: long windows for very many legs, and a leg far behind. */
import { assert, describe, it } from "@effect/vitest"
import { laneOf } from "@tailrace/log"
import { Effect } from "effect"
import { Stage } from "../src/run/Stage.ts"
import { day, hour, kib, limits, patience } from "./room.ts"

/** What a leg takes for its first record, and how many legs one chunk of 500 records can make take it at once. */
const firstPageBytes = 8 * kib
const legsPerChunk = 1_250

const tailnets = Array.from({ length: 200 }, (_, index) => `t${index}.example`)
const legsPerTailnet = 10

/** Two thousand destinations with windows of a day. */
const manyLegs = (): Stage => {
  const stage = new Stage({ limits, lanes: 1, processes: 1, oneReadBytes: legsPerChunk * firstPageBytes })
  stage.fleet.start()
  const { desk } = stage
  stage.do(Effect.forEach(tailnets, (tailnet) => desk.createTailnet(tailnet), { concurrency: 20, discard: true }))
  const all = tailnets.flatMap((tailnet, index) =>
    Array.from({ length: legsPerTailnet }, (_, number) => ({
      id: `dst_${index}x${number}`,
      tailnet,
      logType: "network",
      periodSeconds: day / 1000,
      codec: "zstd"
    } as const))
  )
  const byTailnet = Object.values(Object.groupBy(all, ({ tailnet }) => tailnet))
  stage.do(Effect.forEach(
    byTailnet,
    (own) => Effect.forEach(own ?? [], (one) => stage.create(one), { discard: true }),
    { concurrency: 20, discard: true }
  ))
  return stage
}

describe("two thousand legs with windows of a day", () => {
  it("keep to the budget and read the lane-day at most twice when the spool is lost", () => {
    const stage = manyLegs()
    for (let hours = 0; hours < 12; hours++) {
      for (const tailnet of tailnets) stage.producers.append({ tailnet, logType: "network", count: 4 })
      stage.wait(hour)
    }
    const [owner] = stage.fleet.alive
    const before = stage.bytesRead("flow", 0)
    if (owner !== undefined) stage.fleet.kill(owner)
    stage.wait(day + hour)
    const laneDay = stage.world.history.records("flow", 0)
      .reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
    assert.deepStrictEqual(stage.verdict(), [])
    const read = stage.bytesRead("flow", 0) - before
    // Each group of legs is read up to where the next one begins; the chunks at the seams are read by both.
    assert.isAtMost(read, 2 * laneDay, `lane-day ${laneDay} bytes`)
    assert.isAbove(laneDay * legsPerTailnet, limits.windowsBytes, "the windows do not fit into memory")
  }, patience)
})

describe("a leg 20 days behind", () => {
  it("does not hold up one that is 5 minutes behind", () => {
    const tailnet = "example.com"
    const stage = new Stage({ limits, lanes: 2, processes: 1, oneReadBytes: 1024 * kib })
    const { desk, fleet, producers, world } = stage
    const common = { tailnet, logType: "network", periodSeconds: 5, codec: "zstd" } as const
    stage.do(desk.createTailnet(tailnet))
    stage.do(stage.create({ ...common, id: "dst_far" }))
    stage.do(desk.setPaused(stage.destination("dst_far"), true))
    for (let days = 0; days < 20; days++) {
      for (let part = 0; part < 4; part++) producers.append({ tailnet, logType: "network", count: 500 })
      stage.wait(day)
    }
    fleet.start()
    stage.wait(hour)
    stage.do(stage.create({ ...common, id: "dst_near" }))
    stage.do(desk.setPaused(stage.destination("dst_near"), true))
    producers.append({ tailnet, logType: "network", count: 100 })
    stage.wait(5 * 60_000)
    world.pullMillis = 800
    const resumedAt = world.timeline.now
    const both = ["dst_far", "dst_near"].map((id) => desk.setPaused(stage.destination(id), false))
    stage.do(Effect.all(both, { discard: true }))
    stage.wait(10 * 60_000)
    assert.deepStrictEqual(stage.verdict(), [])
    const landed = (id: string) =>
      Math.max(
        ...world.buckets.at("https://store.example/one").stored
          .filter(({ key }) => key.startsWith(`${id}/2`)).map(({ at }) => at)
      )
    assert.isAtMost(landed("dst_near") - resumedAt, 5_000 + 5_000)
    assert.isAbove(landed("dst_far") - resumedAt, 30_000)
    assert.isAtLeast(world.history.records("flow", laneOf(tailnet, 2)).length, 40_000)
  }, patience)
})

describe("a lane that is cut off between two snapshots", () => {
  const tailnet = "example.com"
  const lane = laneOf(tailnet, 2)

  /** Twenty records delivered, no snapshot written; then the later ones are gone. */
  const cutOff = (): Stage => {
    const stage = new Stage({ limits, lanes: 2, processes: 1, oneReadBytes: 1024 * kib })
    stage.do(stage.desk.createTailnet(tailnet))
    stage.do(stage.create({ id: "dst_1", tailnet, logType: "configuration", periodSeconds: 5, codec: "none" }))
    stage.fleet.start()
    stage.producers.append({ tailnet, logType: "configuration", count: 20 })
    stage.wait(20_000)
    const end = stage.world.boundsNow("audit", lane).next
    const to = end - 10
    stage.world.memory.truncate("audit", lane, to)
    stage.world.history.forget("audit", lane, to)
    stage.world.broken.set(lane, { at: stage.world.timeline.now, to, end })
    return stage
  }

  const stored = ({ world }: Stage) => world.buckets.at("https://store.example/one").stored.map(({ key }) => key)

  it("stays stopped for every later owner, though it has grown again", () => {
    const stage = cutOff()
    const before = stored(stage)
    assert.isNotEmpty(before)
    stage.wait(5_000)
    stage.producers.append({ tailnet, logType: "configuration", count: 40 })
    stage.wait(30_000)
    for (const process of stage.fleet.alive) stage.fleet.kill(process)
    stage.wait(120_000)
    assert.deepStrictEqual(stored(stage), before)
    assert.deepStrictEqual(stage.verdict(), [])
  })
})
