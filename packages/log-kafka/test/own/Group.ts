/** A group under test: its coordinator, its processes, time in small steps, and what must hold after each of them. */
import { assert } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"
import { Coordinator } from "./Coordinator.ts"
import { Host } from "./Host.ts"

const stepMillis = 100

export class Group {
  readonly coordinator = new Coordinator()
  readonly hosts: Array<Host> = []
  /** By lane: since when no process that is well serves it, and the longest such time so far. */
  private readonly orphaned = new Map<number, number>()
  longestOrphanedMillis = 0
  readonly lanes: number

  constructor(lanes: number) {
    this.lanes = lanes
    this.coordinator.onExpiry = (memberId) => this.checkExpiry(memberId)
  }

  start(name: string): Effect.Effect<Host> {
    return Effect.map(Host.start(name, this.coordinator, this.lanes), (host) => {
      this.hosts.push(host)
      return host
    })
  }

  get well(): ReadonlyArray<Host> {
    return this.hosts.filter(({ isWell }) => isWell)
  }

  /** The process that serves the lane and is right in doing so. */
  private serves(lane: number): boolean {
    const owner = this.coordinator.ownerOf(lane)
    return this.hosts.some((host) => host.isWell && host.told.has(lane) && (owner === undefined || host.isMine(owner)))
  }

  /** The lease ends here before it ends there: whoever is taken out has given its lanes up, unless it stands still. */
  private checkExpiry(memberId: string): void {
    for (const host of this.hosts) {
      if (host.isMine(memberId) && host.isAlive && !host.isStopped) assert.deepStrictEqual([...host.told], [])
    }
  }

  private checkConfirmations(): void {
    const owners = new Map<string, string>()
    for (const { generation, lanes, memberId } of this.coordinator.confirmations) {
      for (const lane of lanes) {
        const place = `${generation}/${lane}`
        assert.strictEqual(owners.get(place) ?? memberId, memberId, `two owners in generation ${place}`)
        owners.set(place, memberId)
      }
    }
  }

  private readonly step = Effect.gen({ self: this }, function*() {
    yield* TestClock.adjust(stepMillis)
    const now = yield* Clock.currentTimeMillis
    this.coordinator.tick(now)
    for (let lane = 0; lane < this.lanes; lane++) {
      if (this.serves(lane)) this.orphaned.set(lane, now)
      this.longestOrphanedMillis = Math.max(this.longestOrphanedMillis, now - (this.orphaned.get(lane) ?? 0))
    }
  })

  pass(millis: number): Effect.Effect<void> {
    return Effect.repeat(this.step, { times: Math.ceil(millis / stepMillis) - 1 }).pipe(
      Effect.andThen(Effect.sync(() => this.checkConfirmations()))
    )
  }

  /** Forgets how long lanes were without an owner before. */
  forgive(): Effect.Effect<void> {
    return Effect.map(Clock.currentTimeMillis, (now) => {
      for (let lane = 0; lane < this.lanes; lane++) this.orphaned.set(lane, now)
      this.longestOrphanedMillis = 0
    })
  }

  /** All lanes, each with one owner, in equal shares: what must be some time after the last fault. */
  assertSettled(): void {
    const served = this.well.map(({ told }) => [...told])
    const all = served.flat().toSorted((one, other) => one - other)
    assert.deepStrictEqual(all, Array.from({ length: this.lanes }, (_, lane) => lane))
    const sizes = served.map(({ length }) => length)
    assert.isAtMost(Math.max(...sizes) - Math.min(...sizes), 1)
    for (const { isAlive, name, told } of this.hosts) {
      if (isAlive) {
        for (const lane of told) assert.match(this.coordinator.ownerOf(lane) ?? "", new RegExp(`^${name}-`))
      }
    }
  }
}
