/**
 * Who gets which lanes: what the group's leader decides. Every process computes the same from the same members, so
 * that a change of leader moves nothing.
 */
import type { Lane } from "@tailrace/log"

/** A member, and the lanes it was given in the last generation it was part of (−1: none yet). */
export interface Claimant {
  readonly memberId: string
  readonly lanes: ReadonlyArray<Lane>
  readonly generation: number
}

const byId = (one: Claimant, other: Claimant): number => one.memberId < other.memberId ? -1 : 1

/** Of each lane, who had it in the highest generation: a member that was away speaks of older times. */
const keptLanes = (members: ReadonlyArray<Claimant>, lanes: number): ReadonlyMap<string, Array<Lane>> => {
  const owners: Array<Claimant | undefined> = Array.from({ length: lanes }, () => undefined)
  for (const member of members) {
    for (const lane of member.lanes) {
      const other = owners[lane]
      if (lane in owners && (other === undefined || other.generation < member.generation)) owners[lane] = member
    }
  }
  const kept = new Map(members.map(({ memberId }) => [memberId, new Array<Lane>()]))
  owners.forEach((owner, lane) => owner && kept.get(owner.memberId)?.push(lane))
  return kept
}

/**
 * Balanced: sizes differ by one at most. Sticky: as few lanes as possible change their owner. Lanes ascend.
 *
 * @param lanes number of lanes, from 0
 * @example
 * ```ts
 * assign([{ memberId: "a", lanes: [0, 1, 2], generation: 4 }, { memberId: "b", lanes: [], generation: -1 }], 3)
 * // Map { "a" => [0, 1], "b" => [2] }
 * ```
 */
export const assign = (members: ReadonlyArray<Claimant>, lanes: number): ReadonlyMap<string, ReadonlyArray<Lane>> => {
  const sorted = members.toSorted(byId)
  const kept = keptLanes(sorted, lanes)
  const lanesOf = ({ memberId }: Claimant): ReadonlyArray<Lane> => kept.get(memberId) ?? []
  const share = Math.floor(lanes / members.length)
  // Those who have most may have one lane more than the others: no other choice keeps more lanes where they are.
  const byLanes = sorted.toSorted((one, other) => lanesOf(other).length - lanesOf(one).length)
  const larger = new Set(byLanes.slice(0, lanes % members.length))
  const sizeOf = (member: Claimant): number => larger.has(member) ? share + 1 : share

  const stay = new Set(sorted.flatMap((member) => lanesOf(member).slice(0, sizeOf(member))))
  const free = Array.from({ length: lanes }, (_, lane) => lane).filter((lane) => !stay.has(lane))
  return new Map(sorted.map((member) => {
    const own = lanesOf(member).slice(0, sizeOf(member))
    const more = free.splice(0, sizeOf(member) - own.length)
    return [member.memberId, [...own, ...more].toSorted((one, other) => one - other)]
  }))
}
