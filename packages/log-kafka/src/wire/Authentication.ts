/** Who we are, in the form that kafkajs wants it. OAUTHBEARER is our own: kafkajs takes a refused token for success. */
import { Effect, Redacted } from "effect"
import type { KafkaSasl } from "../KafkaOptions.ts"
import type { KafkajsSasl, SaslStep } from "./Kafkajs.ts"
import { Writer } from "./Writer.ts"

type BearerSasl = Extract<KafkaSasl, { readonly mechanism: "OAUTHBEARER" }>

/** The broker's no, in its own words (RFC 7628 §3.2.2: a JSON text without secrets). */
class TokenRefused extends Error {
  override readonly name = "KafkaJSSASLAuthenticationError"
}

const lengthBytes = 4

/** RFC 7628 §3.1, as Kafka's Java client sends it. An answer with anything in it is a refusal. */
const bearerStep = (token: string): SaslStep => ({
  request: { encode: () => new Writer().byteString(Buffer.from(`n,,\u0001auth=Bearer ${token}\u0001\u0001`)).bytes },
  response: {
    decode: (bytes) => bytes.subarray(lengthBytes),
    parse: (refusal) => {
      if (refusal.length > 0) throw new TokenRefused(`SASL OAUTHBEARER authentication failed: ${refusal.toString()}`)
    }
  }
})

const bearer = ({ mechanism, token }: BearerSasl, signal: AbortSignal): KafkajsSasl => ({
  mechanism,
  authenticationProvider: ({ saslAuthenticate }) => ({
    authenticate: () =>
      Effect.runPromise(token, { signal }).then((value) => saslAuthenticate(bearerStep(Redacted.value(value))))
  })
})

/** `signal` ends the wait for a token. */
export const saslOf = (sasl: KafkaSasl, signal: AbortSignal): KafkajsSasl =>
  sasl.mechanism === "OAUTHBEARER"
    ? bearer(sasl, signal)
    : { mechanism: sasl.mechanism, username: sasl.username, password: Redacted.value(sasl.password) }
