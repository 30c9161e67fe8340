import { assert, describe, it } from "@effect/vitest"
import { maxRecentEvents, type RecentEvent, remember } from "../src/ledger/RecentEvents.ts"
import { delivered, failed, sealed, sent } from "./legEvents.ts"

describe("recent events", () => {
  it("are bounded, join a seal with its delivery, and merge failures that repeat", () => {
    const recent: Array<RecentEvent> = []
    for (let attempt = 1; attempt <= 5; attempt++) remember(recent, 0, failed(attempt))
    assert.strictEqual(recent.length, 1)
    remember(recent, 0, sealed(1))
    remember(recent, 1, sealed(1, "s2"))
    remember(recent, 0, delivered())
    assert.deepStrictEqual(recent.map(({ event, lane }) => [event._tag, lane]), [
      ["AttemptFailed", 0],
      ["BatchSealed", 1],
      ["BatchDelivered", 0]
    ])
    assert.strictEqual(recent[2]?.sealedAt, 50)
    for (let index = 0; index < 500; index++) remember(recent, 0, delivered({ seal: `x${index}` }))
    assert.strictEqual(recent.length, maxRecentEvents)
  })
})

describe("a receiver's deliveries", () => {
  it("are one entry a minute, whatever was sent", () => {
    const recent: Array<RecentEvent> = []
    for (let index = 0; index < 1000; index++) {
      remember(recent, 0, sent({ from: index, to: index + 1, count: 1, at: index * 100, largest: index }))
    }
    assert.deepStrictEqual(recent.map(({ since }) => since), [0, 60_000])
    assert.deepInclude(recent[0]?.event, {
      from: 0,
      to: 600,
      count: 600,
      quarantined: 1200,
      requests: 1800,
      failed: 600,
      bytes: 60_000,
      contentBytes: 600_000,
      largest: 599,
      at: 59_900
    })
  })

  it("are entries of their own before and after something else, on another lane, of another version", () => {
    const recent: Array<RecentEvent> = []
    remember(recent, 0, sent())
    remember(recent, 0, failed(1))
    remember(recent, 0, sent())
    remember(recent, 1, sent())
    remember(recent, 1, sent({ configVersion: 2 }))
    assert.deepStrictEqual(recent.map(({ event, lane, since }) => [event._tag, lane, since]), [
      ["RecordsDelivered", 0, undefined],
      ["AttemptFailed", 0, undefined],
      ["RecordsDelivered", 0, undefined],
      ["RecordsDelivered", 1, undefined],
      ["RecordsDelivered", 1, undefined]
    ])
  })
})
