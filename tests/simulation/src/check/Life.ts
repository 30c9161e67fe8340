/** A leg to a receiver from one claim to the next: its requests, and what it was told of each record. */
import type { Send } from "../world/Indexes.ts"
import type { World } from "../world/World.ts"

/** What a leg knows of a record that it has sent. */
export type Told = "taken" | "refused" | "again" | "unknown"

export interface Life {
  readonly name: string
  readonly process: string
  readonly claim: number
  readonly destination: string
  readonly lane: number
  readonly sends: Array<Send>
}

export const livesOf = ({ indexes }: World): ReadonlyArray<Life> => {
  const lives = new Map<string, Life>()
  for (const send of indexes.sends) {
    const { claim, destination, lane, process } = send
    const name = `${destination}/${lane} of ${process} under claim ${claim}`
    const life = lives.get(name) ?? { name, process, claim, destination, lane, sends: [] }
    life.sends.push(send)
    lives.set(name, life)
  }
  return [...lives.values()]
}

/** What the answer says of each record of the request. */
export const toldOf = ({ answer, items }: Send): ReadonlyArray<Told> => {
  switch (answer?._tag) {
    case "Accepted":
      return items.map(() => "taken")
    case "Partly": {
      const refused = new Set(answer.refused.map(({ index }) => index))
      const again = new Set(answer.again)
      return items.map((_, at) => refused.has(at) ? "refused" : again.has(at) ? "again" : "taken")
    }
    case "TooLarge":
      return items.map(() => items.length === 1 ? "refused" : "again")
    case "Misconfigured":
      return items.map(() => "again")
    case "Transient": {
      const { maybeStored } = answer
      return items.map(() => maybeStored ? "unknown" : "again")
    }
    case undefined:
      return items.map(() => "unknown")
  }
}

export interface Moment {
  readonly at: number
  readonly kind: "answered" | "begins"
  readonly send: Send
}

/** What happened in a life, in its order; an answer comes before what it lets begin. */
export const momentsOf = ({ sends }: Life): ReadonlyArray<Moment> => {
  const begins = sends.map((send): Moment => ({ at: send.beganAt, kind: "begins", send }))
  const answers = sends.filter(({ answer }) => answer !== null)
    .map((send): Moment => ({ at: send.answeredAt, kind: "answered", send }))
  return [...answers, ...begins].sort((a, b) => a.at - b.at || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0))
}
