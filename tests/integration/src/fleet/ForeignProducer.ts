/**
 * Adapter: records written to the topics by somebody else's client, past ingest: other partitioner, keys that spread a
 * tailnet over lanes. It does not try again by itself, so that an attempt is in the log once or not at all.
 */
import { Effect } from "effect"
import type { Kafka, Message, Producer } from "kafkajs"
import { type Attempt, insist, type Pace, paced, recordOf, type Shape } from "../kill/Producer.ts"
import { exported } from "../kill/SampleRecord.ts"

export interface ForeignOptions extends Pace {
  readonly kafka: Kafka
  readonly prefix: string
  readonly tailnet: string
  readonly recordsPerRequest: number
}

const keys = 16

const shapeOf = (request: number, records: number): Shape =>
  request % 3 === 2 ? { form: "kafka", flow: 0, audit: records } : { form: "kafka", flow: records, audit: 0 }

const connected = async (kafka: Kafka): Promise<Producer> => {
  const producer = kafka.producer({ retry: { retries: 0 }, allowAutoTopicCreation: false })
  await producer.connect()
  return producer
}

/** One key, so one lane and one batch: taken as a whole or not at all. */
const messagesOf = (attempt: Attempt, key: string): Array<Message> =>
  Array.from(
    { length: attempt.flow + attempt.audit },
    (_, index) => ({ key, value: exported(recordOf(attempt, index)) })
  )

/** Every record is acknowledged once when it returns; the book tells in which attempt. */
export const produceForeign = Effect.fn("produceForeign")(function*(options: ForeignOptions, book: Array<Attempt>) {
  const { kafka, prefix, recordsPerRequest, tailnet } = options

  const send = (attempt: Attempt, request: number) =>
    Effect.acquireUseRelease(
      Effect.tryPromise(() => connected(kafka)),
      (producer) =>
        Effect.tryPromise(() =>
          producer.send({
            topic: `${prefix}.${attempt.flow > 0 ? "flow" : "audit"}`,
            messages: messagesOf(attempt, `${tailnet}/${request % keys}`)
          })
        ),
      (producer) => Effect.ignore(Effect.tryPromise(() => producer.disconnect()))
    ).pipe(
      Effect.timeout("10 seconds"),
      Effect.as(true),
      Effect.orElseSucceed(() => false)
    )

  yield* paced(options, (request) =>
    insist({
      name: `p-k${request}`,
      shape: shapeOf(request, recordsPerRequest),
      send: (attempt) => send(attempt, request)
    }, book))
})
