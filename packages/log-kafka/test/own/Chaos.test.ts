import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Random } from "effect"
import { Group } from "./Group.ts"
import type { Host, Network } from "./Host.ts"

/**
 * Whatever happens to the processes and to the coordinator: a claim is allowed only to whom the coordinator has named
 * after it was asked for, leases end before sessions do (`Group` checks it), and when all is well again each lane has
 * one owner.
 */

const lanes = 5
const most = 4
const faults = 12
const seeds = 25
const networks: ReadonlyArray<Network> = ["silent", "deaf", "closed"]

interface Run {
  readonly group: Group
  readonly wrong: Array<string>
  claims: number
  names: number
}

const claim = Effect.fnUntraced(function*(run: Run, host: Host, lane: number) {
  const { confirmations } = run.group.coordinator
  const since = confirmations.length
  const exit = yield* Effect.exit(host.mayClaim(lane))
  if (Exit.isFailure(exit) || !host.isAlive) return
  run.claims += 1
  const isNamed = confirmations.slice(since).some((said) => host.isMine(said.memberId) && said.lanes.includes(lane))
  if (!isNamed) run.wrong.push(`${host.name} may claim lane ${lane}, says nobody`)
})

/** Every process claims its lanes, now and then also one that is not its own. */
const claims = (run: Run) =>
  Effect.forEach(
    run.group.hosts.filter(({ isAlive, isStopped }) => isAlive && !isStopped),
    (host) =>
      Effect.gen(function*() {
        const lane = yield* Random.nextIntBetween(0, lanes - 1)
        for (const each of new Set([...host.told, lane])) yield* Effect.forkChild(claim(run, host, each))
      }),
    { discard: true }
  )

const start = (run: Run) => Effect.asVoid(run.group.start(`p${++run.names}`))

const heal = (host: Host): void => {
  host.network = "well"
  host.goOn()
}

const moveCoordinator = Effect.fnUntraced(function*({ group }: Run) {
  group.coordinator.failOver(yield* Clock.currentTimeMillis)
  for (const host of group.hosts) host.moved()
})

const fault = Effect.fnUntraced(function*(run: Run) {
  const alive = run.group.hosts.filter(({ isAlive }) => isAlive)
  const host = alive.length > 0 ? yield* Random.choice(alive) : undefined
  const kind = yield* Random.nextIntBetween(0, 8)
  if (host === undefined || (kind < 2 && alive.length < most)) return yield* start(run)
  if (kind === 2) return yield* host.kill
  if (kind === 3) return yield* Effect.asVoid(Effect.forkDetach(host.close))
  if (kind === 4) return host.stop()
  if (kind === 5) return yield* moveCoordinator(run)
  if (kind === 6) return void (host.network = yield* Random.choice(networks))
  return heal(host)
})

const live = Effect.fnUntraced(function*(seed: number) {
  const run: Run = { group: new Group(lanes), wrong: [], claims: 0, names: 0 }
  yield* start(run)
  for (let round = 0; round < faults; round++) {
    yield* fault(run)
    yield* claims(run)
    yield* run.group.pass(yield* Random.nextIntBetween(1, 70).pipe(Effect.map((tenths) => tenths * 100)))
    yield* claims(run)
  }
  for (const host of run.group.hosts) heal(host)
  if (run.group.well.length === 0) yield* start(run)
  yield* run.group.pass(25_000)
  run.group.assertSettled()
  assert.deepStrictEqual(run.wrong, [], `seed ${seed}`)
  assert.isAbove(run.claims, 0)
}, (effect, seed) => Random.withSeed(effect, `ownership ${seed}`))

describe("ownership in a bad world", () => {
  it.effect.each(Array.from({ length: seeds }, (_, seed) => seed))("seed %i", (seed) => live(seed))
})
