/**
 * Waiting until the indexer has what was taken (Splunk, "About HTTP Event Collector indexer acknowledgment"). An id
 * counts on its channel, from 0, and is answered with true once; after that, and when asked on another channel, with
 * false. So an answer that is lost is never made up for: after the time-out all is sent again, and nothing is dropped.
 */
import { type Capabilities, ReceiverAnswer } from "@tailrace/domain"
import { Duration, Effect, Option, Schema } from "effect"
import { type Reading, statusMessage } from "../http/StatusAnswer.ts"
import type { HttpResponse } from "../network/HttpSender.ts"
import type { Cookies } from "./Cookies.ts"
import { type HecClient, post, schemeOf } from "./HecClient.ts"

/** True comes about a second after the answer. */
const pause = Duration.seconds(1)

/** As other senders do: Vector 300 s, Splunk's own connector for Kafka 300 s. */
const patience = Duration.seconds(300)

const Acks = Schema.fromJsonString(Schema.Struct({ acks: Schema.Record(Schema.String, Schema.Boolean) }))
const decode = Schema.decodeUnknownOption(Acks)

/** None: it does not answer for acknowledgements. */
export const acksOf = ({ status, text }: HttpResponse): Option.Option<typeof Acks.Type["acks"]> =>
  status === 200 ? Option.map(decode(text), ({ acks }) => acks) : Option.none()

/** One question. */
export const askAcks = <A>(
  client: HecClient,
  { cookies, ids, known, read }: {
    readonly cookies?: Cookies
    readonly ids: ReadonlyArray<number>
    readonly known: Capabilities
    readonly read: (response: HttpResponse, reading: Reading) => A
  }
) =>
  post(client, {
    url: `${client.form.ackUrl ?? client.config.url}?channel=${client.channel}`,
    scheme: schemeOf(client, known),
    body: new TextEncoder().encode(JSON.stringify({ acks: ids })),
    hasChannel: true,
    ...(cookies === undefined ? {} : { cookies }),
    read
  })

const lost = (message: string, status: number | null) =>
  ReceiverAnswer.cases.Transient.make({ message, status, retryAfterMillis: null, maybeStored: true })

/** Answers of 4xx say that asking again is no use; all others pass. */
const isFinal = ({ status }: HttpResponse) => status >= 400 && status < 500 && status !== 408 && status !== 429

const readAck = (id: number) => (response: HttpResponse, reading: Reading): ReceiverAnswer | "wait" => {
  if (Option.exists(acksOf(response), (acks) => acks[id] === true)) {
    return ReceiverAnswer.cases.Accepted.make({ slower: false })
  }
  return isFinal(response)
    ? lost(`not acknowledged: ${statusMessage(response, reading)}`, response.status)
    : "wait"
}

/** What was answered to a request: the id to ask about, and cookies that lead to the indexer that knows it. */
export interface Pending {
  readonly ackId: number
  readonly cookies: Cookies
}

/** Answers when the indexer has acknowledged, or will not any more. */
export const acknowledged = (
  client: HecClient,
  known: Capabilities,
  { ackId, cookies }: Pending
): Effect.Effect<ReceiverAnswer> =>
  Effect.gen(function*() {
    while (true) {
      yield* Effect.sleep(pause)
      const said = yield* askAcks(client, { ids: [ackId], cookies, known, read: readAck(ackId) })
      // Without any answer the next question may get one.
      const isSilent = said === "wait" || "status" in said && said.status === null
      if (!isSilent) return said
    }
  }).pipe(Effect.timeoutOrElse({
    duration: patience,
    orElse: () => Effect.succeed(lost("the indexer did not acknowledge within 300 s", null))
  }))
