/**
 * Notices as POSTs of JSON to the operator's URL, signed if there is a secret. The URL is the operator's: it passes no
 * guard, may be on a private network, and is never shown.
 */
import { Clock, Effect, Option, Redacted } from "effect"
import { HttpBody, HttpClient, HttpClientRequest } from "effect/http"
import { createHmac } from "node:crypto"
import { type Channel, NotTold } from "./Channel.ts"
import type { Notice } from "./Notice.ts"

export interface WebhookOptions {
  readonly url: Redacted.Redacted
  /** Signs time and body; the receiver knows it too. */
  readonly secret: Option.Option<Redacted.Redacted>
}

const timeout = "15 seconds"

/**
 * Headers that prove who sent the body: `X-Tailrace-Timestamp` (seconds) and `X-Tailrace-Signature`,
 * `v1=` and HMAC-SHA256 of `<timestamp>.<body>` in hex; as destinations of type `http` send them.
 */
export const signatureOf = (secret: Redacted.Redacted, body: string, millis: number): Record<string, string> => {
  const time = `${Math.floor(millis / 1000)}`
  const signature = createHmac("sha256", Redacted.value(secret)).update(`${time}.${body}`).digest("hex")
  return { "x-tailrace-timestamp": time, "x-tailrace-signature": `v1=${signature}` }
}

const requestOf = Effect.fnUntraced(function*({ secret, url }: WebhookOptions, notice: Notice) {
  const body = JSON.stringify(notice)
  const now = yield* Clock.currentTimeMillis
  const signature = Option.match(secret, { onNone: () => ({}), onSome: (it) => signatureOf(it, body, now) })
  return HttpClientRequest.post(Redacted.value(url), {
    headers: { "user-agent": "Tailrace", "x-tailrace-notice": notice.id, ...signature },
    body: HttpBody.text(body, "application/json")
  })
})

export const webhook = Effect.fnUntraced(function*(
  options: WebhookOptions
): Effect.fn.Return<Channel, never, HttpClient.HttpClient> {
  const http = yield* HttpClient.HttpClient
  return {
    name: "webhook",
    tell: (notice) =>
      requestOf(options, notice).pipe(
        Effect.flatMap((request) => http.execute(request)),
        // Ids of our traces are nobody else's business.
        Effect.provideService(HttpClient.TracerPropagationEnabled, false),
        Effect.mapError(({ reason }) => new NotTold({ reason: `the webhook cannot be reached: ${reason._tag}` })),
        Effect.filterOrFail(
          ({ status }) => status >= 200 && status < 300,
          ({ status }) => new NotTold({ reason: `the webhook answered ${status}` })
        ),
        Effect.timeoutOrElse({
          duration: timeout,
          orElse: () => Effect.fail(new NotTold({ reason: "the webhook did not answer in time" }))
        }),
        Effect.asVoid
      )
  }
})
