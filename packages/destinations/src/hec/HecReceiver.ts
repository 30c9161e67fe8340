/** A `Receiver` of the family that takes Splunk's envelope: what is the same for all of them. */
import { type Capabilities, type HecConfig, type ReceiverAnswer } from "@tailrace/domain"
import { Effect, Option, Redacted } from "effect"
import { randomUUID } from "node:crypto"
import type { Reading } from "../http/StatusAnswer.ts"
import type { HttpResponse } from "../network/HttpSender.ts"
import type { Receiver, ReceiverRequest } from "../Receiver.ts"
import type { ReceiverType } from "../registry.ts"
import { type Cookies, withCookies } from "./Cookies.ts"
import { acknowledged } from "./HecAcknowledgement.ts"
import { hecBody } from "./HecAnswer.ts"
import { type HecClient, type HecKind, post, schemeOf } from "./HecClient.ts"
import { envelopeEncoder } from "./HecEncoder.ts"
import { checkHecConfig, checkToken, hecTarget } from "./HecEndpoint.ts"
import { look, sample } from "./HecProbe.ts"

interface Taken {
  readonly answer: ReceiverAnswer
  readonly ackId: number | null
  /** They lead to the indexer that has taken it. */
  readonly cookies: Cookies
}

const readTaken = ({ form, jar }: HecClient, sent: ReceiverRequest) => {
  const before = jar.cookies
  return (response: HttpResponse, reading: Reading): Taken => {
    const answer = form.answer(response, reading, sent)
    const ackId = answer._tag === "Accepted" ? Option.getOrUndefined(hecBody(response))?.ackId : undefined
    return { answer, ackId: ackId ?? null, cookies: withCookies(before, response.headers["set-cookie"]) }
  }
}

/** A token that asks for acknowledgement needs a channel, even where nobody waits for it. */
const send = Effect.fnUntraced(function*(client: HecClient, request: ReceiverRequest, known: Capabilities) {
  const said = yield* post(client, {
    scheme: schemeOf(client, known),
    body: request.body,
    codec: request.codec,
    hasChannel: known.acknowledges === true,
    read: readTaken(client, request)
  })
  if ("_tag" in said) return said
  const { ackId, answer, cookies } = said
  const waits = known.acknowledges === true && client.config.acknowledge === "auto" && client.form.ackUrl !== null
  if (!waits || ackId === null) return answer
  const last = yield* acknowledged(client, known, { ackId, cookies })
  return last._tag === "Accepted" ? answer : last
})

const probe = Effect.fnUntraced(function*(client: HecClient, kind: "look" | "sample") {
  const found = yield* look(client)
  return kind === "look" || found._tag !== "Usable" ? found : yield* sample(client, found.capabilities)
})

/** The type's entry in the registry. */
export const hecType = <Config extends HecConfig>(kind: HecKind): ReceiverType<Config> => ({
  check: checkHecConfig,
  target: hecTarget,
  open: Effect.fn("HecReceiver.open")(function*(config, secret, { context, guard }) {
    yield* Effect.fromResult(checkHecConfig(config, guard.allowed))
    const token = Redacted.value(secret)
    yield* Effect.fromResult(checkToken(token))
    const form = kind.form(config)
    const schemes = kind.schemes(config, token)
    const jar = { cookies: new Map<string, string>() }
    const client = { config, token, agents: guard.agents, context, schemes, form, channel: randomUUID(), jar }
    const { bodyBytes, limits } = kind
    return {
      limits,
      encode: envelopeEncoder({ envelope: form.envelope, topic: context.topic, limits, bodyBytes }),
      send: Effect.fn("HecReceiver.send")((request, known) => send(client, request, known)),
      probe: Effect.fn("HecReceiver.probe")((which) => probe(client, which))
    } satisfies Receiver
  })
})
