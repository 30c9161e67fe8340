/**
 * One bucket of Cloud Storage as an `ObjectStore`, through the JSON API: two requests, each classified by `GcsAnswer`.
 * Only a token that was refused is renewed, and its request made once more.
 */
import { Answer, type GcsConfig, Inspection } from "@tailrace/domain"
import { Clock, Effect, Redacted, Result } from "effect"
import { checkUrlAsGiven, type Guard } from "../network/Guard.ts"
import { type HttpFailure, type HttpRequest, type HttpResponse, sendHttp } from "../network/HttpSender.ts"
import { InvalidDestination, type ObjectStore, type ObjectToPut } from "../ObjectStore.ts"
import { unansweredMessage } from "../store/ServiceMessage.ts"
import { unansweredInspect, unansweredPut } from "../store/Unanswered.ts"
import { gcsInspection, gcsPutAnswer, type Reading } from "./GcsAnswer.ts"
import { checkGcsConfig, metadataUrl, scopesOf, uploadUrl } from "./GcsEndpoint.ts"
import { uploadOf } from "./GcsUpload.ts"
import type { AccessToken, TokenFailure } from "./token/AccessToken.ts"
import { type AccessTokens, accessTokens } from "./token/AccessTokens.ts"
import { readExternalAccount } from "./token/ExternalAccount.ts"
import { externalAccountTokens } from "./token/externalAccountTokens.ts"
import { readServiceAccount, serviceAccountTokens } from "./token/ServiceAccount.ts"
import type { TokenSource } from "./token/TokenSource.ts"

interface Exchange<A> {
  readonly request: HttpRequest
  readonly answered: (response: HttpResponse, reading: Reading) => A
  readonly unanswered: (failure: HttpFailure, message: string) => A
  readonly withoutToken: (failure: TokenFailure) => A
}

interface Opened {
  readonly config: GcsConfig
  readonly guard: Guard["Service"]
  readonly source: TokenSource
  readonly tokens: AccessTokens
}

const withToken = (request: HttpRequest, token: AccessToken): HttpRequest => ({
  ...request,
  headers: { ...request.headers, Authorization: `Bearer ${token.value}` }
})

const exchangeWith = ({ guard, source, tokens }: Opened) => {
  const sendAs = Effect.fnUntraced(function*<A>(token: AccessToken, { answered, request, unanswered }: Exchange<A>) {
    const secrets = [token.value, ...source.secrets]
    const result = yield* Effect.result(sendHttp(guard.agents, withToken(request, token)))
    const nowMillis = yield* Clock.currentTimeMillis
    return Result.match(result, {
      onSuccess: (response) => ({
        isRefused: response.status === 401,
        answer: answered(response, { secrets, nowMillis })
      }),
      onFailure: (failure) => ({ isRefused: false, answer: unanswered(failure, unansweredMessage(failure, secrets)) })
    })
  })

  return Effect.fnUntraced(
    function*<A>(exchange: Exchange<A>): Effect.fn.Return<A, TokenFailure> {
      const token = yield* tokens.get
      const first = yield* sendAs(token, exchange)
      if (!first.isRefused) return first.answer
      const renewed = yield* tokens.renew(token)
      return (yield* sendAs(renewed, exchange)).answer
    },
    (effect, { withoutToken }) => Effect.catch(effect, (failure) => Effect.succeed(withoutToken(failure)))
  )
}

const asInspection = ({ message, status, ...more }: TokenFailure): Inspection =>
  Inspection.cases.Failed.make({
    message,
    status,
    retryAfterMillis: more._tag === "Transient" ? more.retryAfterMillis : null
  })

const makeStore = (opened: Opened): ObjectStore => {
  const { config } = opened
  const exchange = exchangeWith(opened)
  return {
    put: Effect.fn("GcsStore.put")((object: ObjectToPut): Effect.Effect<Answer> => {
      const { headers, pieces } = uploadOf(object)
      const url = uploadUrl(config, object.key, object.onlyIfAbsent)
      return exchange<Answer>({
        request: { method: "POST", url, headers, body: pieces, askFirst: true },
        answered: (response, reading) => gcsPutAnswer(response, object.key, reading),
        unanswered: unansweredPut,
        withoutToken: (failure) => failure
      })
    }),
    inspect: Effect.fn("GcsStore.inspect")((key: string): Effect.Effect<Inspection> =>
      exchange<Inspection>({
        request: { method: "GET", url: metadataUrl(config, key), headers: {} },
        answered: (response, reading) => gcsInspection(response, key, reading),
        unanswered: (_failure, message) => unansweredInspect(message),
        withoutToken: asInspection
      })
    )
  }
}

const invalid = (field: string) => (reason: string) => new InvalidDestination({ field, reason })

const tokenSource = (
  config: GcsConfig,
  secret: string,
  { agents, allowed }: Guard["Service"]
): Result.Result<TokenSource, InvalidDestination> => {
  const scopes = scopesOf(config)
  if (config.workloadIdentity !== undefined) {
    return Result.mapBoth(readExternalAccount(config.workloadIdentity), {
      onSuccess: (account) => externalAccountTokens(account, scopes, agents),
      onFailure: invalid("workloadIdentity")
    })
  }
  return Result.mapError(readServiceAccount(secret), invalid("secret")).pipe(
    Result.flatMap((account) =>
      Result.mapBoth(checkUrlAsGiven(account.tokenUrl, allowed), {
        onSuccess: () => serviceAccountTokens(account, scopes, agents),
        onFailure: ({ reason }) => invalid("secret")(`token_uri ${reason}`)
      })
    )
  )
}

/** `secret` is a service account's key file (JSON), or nothing where there is a workload identity. */
export const openGcsStore = Effect.fn("GcsStore.open")(
  function*(config: GcsConfig, secret: Redacted.Redacted, guard: Guard["Service"]) {
    yield* Effect.fromResult(checkGcsConfig(config, guard.allowed))
    const source = yield* Effect.fromResult(tokenSource(config, Redacted.value(secret), guard))
    return makeStore({ config, guard, source, tokens: accessTokens(guard.agents, source) })
  }
)
