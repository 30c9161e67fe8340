/** Receivers in memory: each request is noted and answered as the test says. One record a line, nothing else. */
import { type Receiver, type ReceiverLimits, Receivers } from "@tailrace/destinations"
import {
  type Codec,
  type DestinationConfig,
  DestinationId,
  type ReceiverAnswer,
  type ReceiverProbe
} from "@tailrace/domain"
import type { MemoryLog } from "@tailrace/log"
import { Effect, Layer } from "effect"
import type { Limits } from "../src/index.ts"
import { createDestination, createTailnet, ledgerOf, makeStore, pass, processLayer, record } from "./harness.ts"

export interface Request {
  readonly url: string
  readonly records: ReadonlyArray<string>
  readonly bytes: number
  readonly codec: Codec
}

type Answering = (request: Request, index: number) => Effect.Effect<ReceiverAnswer>

export const accepted: ReceiverAnswer = { _tag: "Accepted", slower: false }
export const transient = {
  _tag: "Transient",
  message: "503 busy",
  status: 503,
  retryAfterMillis: null,
  maybeStored: true
} as const satisfies ReceiverAnswer
export const misconfigured = {
  _tag: "Misconfigured",
  message: "401 Invalid token",
  status: 401
} as const satisfies ReceiverAnswer

export const usable: ReceiverProbe = { _tag: "Usable", capabilities: {}, message: "200 HEC is healthy" }

const defaultLimits: ReceiverLimits = {
  requestBytes: 2000,
  requestRecords: 10,
  recordBytes: 1900,
  inFlight: 4,
  codecs: ["none", "gzip"]
}

const newline = 0x0a

const encode =
  ({ recordBytes, requestBytes, requestRecords }: ReceiverLimits): Receiver["encode"] => (records, into) => {
    const refused: Array<{ readonly index: number; readonly reason: string }> = []
    let used = 0
    let taken = 0
    for (; taken < records.count; taken++) {
      const value = records.bytes.subarray(records.starts[taken], records.ends[taken])
      if (value.length > recordBytes) {
        refused.push({ index: taken, reason: `over ${recordBytes} bytes` })
        continue
      }
      if (used + value.length + 1 > requestBytes || taken - refused.length === requestRecords) break
      into.set(value, used)
      used += value.length
      into[used++] = newline
    }
    return { bytes: used, taken, refused }
  }

/** What the receivers were sent, and what they answer: to begin with that everything is taken. */
export const makeReceivers = (limits: Partial<ReceiverLimits> = {}) => {
  const requests: Array<Request> = []
  const taken: Array<string> = []
  const opened: Array<string> = []
  let underWay = 0
  let mostUnderWay = 0
  let answer: Answering = () => Effect.succeed(accepted)
  let probe: (kind: "look" | "sample") => ReceiverProbe = () => usable
  const of = { ...defaultLimits, ...limits }
  const probes: Array<"look" | "sample"> = []

  const note = ({ records }: Request, said: ReceiverAnswer) => {
    if (said._tag === "Accepted") taken.push(...records)
    if (said._tag !== "Partly") return
    const others = new Set([...said.again, ...said.refused.map(({ index }) => index)])
    taken.push(...records.filter((_, index) => !others.has(index)))
  }

  const receiver = (url: string): Receiver => ({
    limits: of,
    encode: encode(of),
    send: ({ body, codec }) =>
      Effect.suspend(() => {
        const lines = new TextDecoder().decode(body).split("\n").slice(0, -1)
        const request = { url, records: lines, bytes: body.length, codec }
        const index = requests.push(request) - 1
        mostUnderWay = Math.max(mostUnderWay, ++underWay)
        return answer(request, index).pipe(
          Effect.tap((said) => Effect.sync(() => note(request, said))),
          Effect.ensuring(Effect.sync(() => void underWay--))
        )
      }),
    probe: (kind) =>
      Effect.sync(() => {
        probes.push(kind)
        return probe(kind)
      })
  })

  const layer = Layer.succeed(
    Receivers,
    Receivers.of({
      open: (config) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            opened.push(config.url)
            return receiver(config.url)
          }),
          () => Effect.sync(() => void opened.splice(opened.indexOf(config.url), 1))
        )
    })
  )

  return {
    layer,
    requests,
    /** Values that were taken, in the order in which they were. */
    taken,
    /** URLs of receivers that are open. */
    opened,
    probes,
    mostUnderWay: () => mostUnderWay,
    answerWith: (next: Answering) => void (answer = next),
    probeWith: (next: typeof probe) => void (probe = next)
  }
}

export type MemoryReceivers = ReturnType<typeof makeReceivers>

export const splunk = (url = "https://splunk"): DestinationConfig => ({
  _tag: "splunk",
  url,
  scheme: "auto",
  acknowledge: "auto"
})

/** Indexes of records of which `test` says so. */
export const indexesOf = ({ records }: Request, test: (value: string) => boolean): ReadonlyArray<number> =>
  records.flatMap((value, index) => test(value) ? [index] : [])

export const dst = DestinationId.make("dst_a")
export const many = (count: number, size = 60) => Array.from({ length: count }, () => record(size))

/** A process that delivers to these receivers. */
export const processOf = (memory: MemoryLog, receivers: MemoryReceivers, limits: Partial<Limits> = {}) =>
  Layer.fresh(processLayer(memory.log, makeStore(), { batchBytes: 2000, ...limits, receivers: receivers.layer }))

/** One tailnet with one destination of type `splunk`. */
export const begin = Effect.gen(function*() {
  yield* createTailnet
  yield* createDestination("dst_a", { other: splunk() })
  yield* pass(1)
})

/** The ledger's events of legs, without those that every leg has. */
export const eventsOf = Effect.fnUntraced(function*(memory: MemoryLog) {
  const events = yield* ledgerOf(memory, 0)
  return events.filter((event) => "destination" in event && event._tag !== "ConfigAdopted" && event._tag !== "Probed")
})
