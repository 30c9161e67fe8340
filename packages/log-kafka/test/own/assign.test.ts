import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { assign, type Claimant } from "../../src/own/assign.ts"

const lanesOf = (assignment: ReadonlyMap<string, ReadonlyArray<number>>): ReadonlyArray<number> =>
  [...assignment.values()].flat().toSorted((one, other) => one - other)

const upTo = (lanes: number): ReadonlyArray<number> => Array.from({ length: lanes }, (_, lane) => lane)

/** Members that say anything: lanes that are not there, lanes of others, of generations in any order. */
const claimants = fc.uniqueArray(
  fc.record({
    memberId: fc.string({ minLength: 1, maxLength: 3 }),
    lanes: fc.uniqueArray(fc.integer({ min: -1, max: 14 })),
    generation: fc.integer({ min: -1, max: 3 })
  }),
  { minLength: 1, maxLength: 7, selector: ({ memberId }) => memberId }
)
const cases = fc.tuple(claimants, fc.integer({ min: 0, max: 13 }))

/** The lane's last owner, if only one member says so of the highest generation. */
const ownerOf = (members: ReadonlyArray<Claimant>, lane: number): string | undefined => {
  const claims = members.filter(({ lanes }) => lanes.includes(lane))
  const highest = Math.max(...claims.map(({ generation }) => generation))
  const owners = claims.filter(({ generation }) => generation === highest)
  return owners.length === 1 ? owners[0]?.memberId : undefined
}

/** By trying all ways to say who may have one lane more. */
const mostKept = (sizes: ReadonlyArray<number>, lanes: number): number => {
  const share = Math.floor(lanes / sizes.length)
  const extra = lanes % sizes.length
  const ways = Array.from({ length: 2 ** sizes.length }, (_, way) => sizes.map((_, index) => (way >> index) & 1))
    .filter((way) => way.reduce((sum, more) => sum + more, 0) === extra)
  return Math.max(
    ...ways.map((way) => sizes.reduce((sum, size, index) => sum + Math.min(size, share + (way[index] ?? 0)), 0))
  )
}

describe("assign", () => {
  it.each<{ name: string; members: ReadonlyArray<Claimant>; lanes: number; expected: ReadonlyArray<unknown> }>([
    {
      name: "the first member has all",
      members: [{ memberId: "a", lanes: [], generation: -1 }],
      lanes: 3,
      expected: [[0, 1, 2]]
    },
    {
      name: "a second gets half, the first keeps its other half",
      members: [{ memberId: "a", lanes: [0, 1, 2, 3], generation: 1 }, { memberId: "b", lanes: [], generation: -1 }],
      lanes: 4,
      expected: [[0, 1], [2, 3]]
    },
    {
      name: "the lanes of one that went are shared by the others, who keep theirs",
      members: [{ memberId: "a", lanes: [0, 3], generation: 5 }, { memberId: "c", lanes: [2, 5], generation: 5 }],
      lanes: 6,
      expected: [[0, 1, 3], [2, 4, 5]]
    },
    {
      name: "one that was away speaks of older times",
      members: [{ memberId: "a", lanes: [0, 1, 2, 3], generation: 5 }, { memberId: "b", lanes: [2, 3], generation: 6 }],
      lanes: 4,
      expected: [[0, 1], [2, 3]]
    },
    {
      name: "more members than lanes",
      members: ["a", "b", "c"].map((memberId) => ({ memberId, lanes: memberId === "c" ? [0] : [], generation: 1 })),
      lanes: 2,
      expected: [[1], [], [0]]
    }
  ])("$name", ({ expected, lanes, members }) => {
    assert.deepStrictEqual([...assign(members, lanes).values()], expected)
  })

  it("gives each lane to one member, in equal shares, in ascending order", () => {
    fc.assert(fc.property(cases, ([members, lanes]) => {
      const assignment = assign(members, lanes)
      assert.deepStrictEqual(lanesOf(assignment), upTo(lanes))
      assert.sameMembers([...assignment.keys()], members.map(({ memberId }) => memberId))
      const sizes = [...assignment.values()].map(({ length }) => length)
      assert.isAtMost(Math.max(...sizes) - Math.min(...sizes), 1)
      for (const own of assignment.values()) assert.deepStrictEqual(own, own.toSorted((one, other) => one - other))
    }))
  })

  it("moves as few lanes as can be", () => {
    const distinct = cases.map(([members, lanes]) =>
      [members.map((member, generation) => ({ ...member, generation })), lanes] as const
    )
    fc.assert(fc.property(distinct, ([members, lanes]) => {
      const owners = upTo(lanes).map((lane) => ownerOf(members, lane))
      const assignment = assign(members, lanes)
      const kept = owners.filter((owner, lane) => owner !== undefined && assignment.get(owner)?.includes(lane)).length
      const sizes = members.map(({ memberId }) => owners.filter((owner) => owner === memberId).length)
      assert.strictEqual(kept, mostKept(sizes, lanes))
    }))
  })

  it("does not depend on the order in which members are named", () => {
    fc.assert(fc.property(cases, ([members, lanes]) => {
      assert.deepStrictEqual([...assign(members.toReversed(), lanes)], [...assign(members, lanes)])
    }))
  })

  it("is at rest: who has what it was given keeps it", () => {
    fc.assert(fc.property(cases, ([members, lanes]) => {
      const first = assign(members, lanes)
      const held = Array.from(first, ([memberId, own]) => ({ memberId, lanes: own, generation: 9 }))
      assert.deepStrictEqual(assign(held, lanes), first)
    }))
  })
})
