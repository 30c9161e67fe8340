/** Who streams where: many destinations of one tailnet, or one of each of many tailnets, all with the same settings. */
import { Effect, Schema } from "effect"
import { allowFlowLogs, ask, ownerKey, type Served, tailnet } from "../App.ts"
import { stream } from "../Bucket.ts"
import { type Protocol, receiver } from "../sink/Sink.ts"

export interface Streams {
  readonly tailnets: number
  /** Of each tailnet. */
  readonly destinations: number
  /** Instead of objects: requests to the sink. */
  readonly receiver?: { readonly protocol: Protocol; readonly codec: "none" | "gzip" }
}

/** So that the wait for the end of the last upload period is short. */
const uploadPeriod = { uploadPeriodMinutes: 0, uploadPeriodSeconds: 5 }

const atOnce = 16

const NewTailnet = Schema.fromJsonString(Schema.Struct({ key: Schema.String }))

/** One of many is `t0.example.com`, `t1.example.com` …; answers its key. */
const makeTailnet = Effect.fnUntraced(function*(app: Served, n: number) {
  const text = yield* ask(app, {
    method: "POST",
    path: "/api/v2/tailnets",
    body: { name: `t${n}.${tailnet}`, plan: "enterprise" }
  })
  return (yield* Effect.orDie(Schema.decodeEffect(NewTailnet)(text))).key
})

const bodyOf = (name: string, to: Streams["receiver"]) =>
  to === undefined
    ? { ...stream, ...uploadPeriod, name, s3KeyPrefix: `${name}/` }
    : { ...receiver(to.protocol, to.codec), name }

const makeDestination = (app: Served, key: string, body: object) =>
  ask(app, { method: "POST", path: "/api/v2/tailnet/-/logging/network/destinations", body, key })

const count = (length: number) => Array.from({ length }, (_, n) => n)

/** Each has a prefix of its own in the bucket. */
export const makeStreams = Effect.fn("makeStreams")(function*(app: Served, streams: Streams) {
  const { destinations, tailnets } = streams
  const make = Effect.fnUntraced(function*(n: number) {
    const key = tailnets === 1 ? ownerKey : yield* makeTailnet(app, n)
    yield* allowFlowLogs(app, key)
    for (const each of count(destinations)) {
      yield* makeDestination(app, key, bodyOf(`archive-${n}-${each}`, streams.receiver))
    }
  })
  yield* Effect.forEach(count(tailnets), make, { concurrency: atOnce, discard: true })
})
