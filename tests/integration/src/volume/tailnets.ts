/** Whose records the volume test is about: one huge tailnet, and very many small ones, each with a destination. */
import { DestinationId, TailnetName } from "@tailrace/domain"
import { Effect } from "effect"
import { create, createTailnet, type Neighbour, uploadOf } from "../isolation/Neighbours.ts"
import { secretAccessKey } from "../s3/S3ServerKind.ts"
import { configFor } from "../s3/S3Site.ts"

export interface Volume {
  readonly lanes: number
  readonly seconds: number
  readonly huge: { readonly recordsPerMinute: number; readonly periodSeconds: number }
  readonly small: { readonly tailnets: number; readonly recordsPerMinute: number; readonly periodSeconds: number }
}

export const hugeTailnet = TailnetName.make("huge.example.com")
export const smallTailnet = (n: number): TailnetName => TailnetName.make(`small-${n}.example.com`)

/** How many are made at once: each waits until its own command is folded. */
const concurrency = 64

interface Wanted {
  readonly tailnet: TailnetName
  readonly n: number
  readonly periodSeconds: number
}

const wanted = ({ huge, small }: Volume): ReadonlyArray<Wanted> => [
  { tailnet: hugeTailnet, n: 0, periodSeconds: huge.periodSeconds },
  ...Array.from(
    { length: small.tailnets },
    (_, n) => ({ tailnet: smallTailnet(n), n: n + 1, periodSeconds: small.periodSeconds })
  )
]

const make = (url: string) =>
  Effect.fnUntraced(function*({ n, periodSeconds, tailnet }: Wanted) {
    yield* createTailnet(tailnet, n)
    const neighbour: Neighbour = {
      id: DestinationId.make(`dst_${n}`),
      tailnet,
      config: configFor(url, { keyPrefix: `d${n}/` }),
      upload: { ...uploadOf(n, periodSeconds), codec: "zstd" },
      secret: secretAccessKey
    }
    yield* create(neighbour)
    return { id: neighbour.id, tailnet, periodMillis: periodSeconds * 1_000 }
  })

/** A destination that exists, with the period in which it uploads. */
export interface Receiver {
  readonly id: DestinationId
  readonly tailnet: TailnetName
  readonly periodMillis: number
}

/** Tailnets and destinations in the control log; the huge one first. */
export const makeTailnets = (volume: Volume, url: string) => Effect.forEach(wanted(volume), make(url), { concurrency })
