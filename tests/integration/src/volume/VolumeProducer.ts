/**
 * Adapter: records at a pace with somebody else's client. The huge tailnet's keys spread it over lanes; each small
 * tailnet has one key. Nothing is tried again: a test whose producer fails has failed.
 */
import { Effect } from "effect"
import { CompressionTypes, type Kafka, type Message } from "kafkajs"
import { paced } from "../kill/Producer.ts"
import { exported, flowRecord } from "../kill/SampleRecord.ts"
import { hugeTailnet, smallTailnet, type Volume } from "./tailnets.ts"

export interface Produced {
  readonly huge: number
  readonly small: number
}

/** Sends of each second. */
const sendsPerSecond = 20
/** Keys of the huge tailnet: more than lanes, so that each lane has some. */
const hugeKeys = 64

/** Digits of a number in a record's id. */
export const idDigits = 8
const idOf = (kind: "h" | "s", number: number): string => `p-${kind}${String(number).padStart(idDigits, "0")}`

/** So many of `total` are due by the end of send `send` of `sends`. */
const dueBy = (total: number, send: number, sends: number): number => Math.floor(total * (send + 1) / sends)

const between = (from: number, to: number, message: (n: number) => Message): Array<Message> =>
  Array.from({ length: to - from }, (_, index) => message(from + index))

const hugeMessage = (n: number): Message => ({
  key: `${hugeTailnet}/${n % hugeKeys}`,
  value: exported(flowRecord(idOf("h", n), n))
})

const smallMessage = (tailnets: number) => (n: number): Message => ({
  key: smallTailnet(n % tailnets),
  value: exported(flowRecord(idOf("s", n), n))
})

export const totalsOf = ({ huge, seconds, small }: Volume): Produced => ({
  huge: Math.floor(huge.recordsPerMinute * seconds / 60),
  small: Math.floor(small.tailnets * small.recordsPerMinute * seconds / 60)
})

/** Returns when all are acknowledged. */
export const produceVolume = Effect.fn("produceVolume")(function*(kafka: Kafka, topic: string, volume: Volume) {
  const totals = totalsOf(volume)
  const sends = volume.seconds * sendsPerSecond
  const small = smallMessage(volume.small.tailnets)
  const messagesOf = (send: number) => [
    ...between(dueBy(totals.huge, send - 1, sends), dueBy(totals.huge, send, sends), hugeMessage),
    ...between(dueBy(totals.small, send - 1, sends), dueBy(totals.small, send, sends), small)
  ]
  const producer = kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 0 } })
  yield* Effect.acquireUseRelease(
    Effect.promise(() => producer.connect()),
    () =>
      paced(
        { requests: sends, seconds: volume.seconds },
        (send) =>
          Effect.promise(() => producer.send({ topic, messages: messagesOf(send), compression: CompressionTypes.None }))
      ),
    () => Effect.promise(() => producer.disconnect())
  )
  return totals
})
