/** One container of Blob Storage as an `ObjectStore`: two requests, each made once and classified by `AzureAnswer`. */
import type { Answer, AzureConfig, Inspection } from "@tailrace/domain"
import { Clock, Effect, Redacted } from "effect"
import type { Guard } from "../network/Guard.ts"
import { type HttpFailure, type HttpResponse, sendHttp } from "../network/HttpSender.ts"
import type { ObjectStore, ObjectToPut } from "../ObjectStore.ts"
import { headerValue } from "../store/HeaderValue.ts"
import { unansweredMessage } from "../store/ServiceMessage.ts"
import { unansweredInspect, unansweredPut } from "../store/Unanswered.ts"
import { azureInspection, azurePutAnswer, type Reading } from "./AzureAnswer.ts"
import { azureSign, type Sign, type UnsignedRequest } from "./AzureCredentials.ts"
import { blobUrl, checkAzureConfig } from "./AzureEndpoint.ts"
import { serviceVersion } from "./AzureLimits.ts"

/**
 * Names of metadata are C# identifiers, so `config-version` is `config_version` here.
 * https://learn.microsoft.com/rest/api/storageservices/setting-and-retrieving-properties-and-metadata-for-blob-resources
 */
export const metadataName = (name: string): string =>
  name.toLowerCase().replaceAll(/[^a-z0-9_]/g, "_").replace(/^(?=\d)/, "_")

const putHeaders = ({ contentType, metadata, onlyIfAbsent }: ObjectToPut) => ({
  "content-type": contentType,
  "x-ms-blob-type": "BlockBlob",
  ...(onlyIfAbsent ? { "if-none-match": "*" } : {}),
  ...Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [`x-ms-meta-${metadataName(name)}`, headerValue(value)])
  )
})

const serviceHeaders = (nowMillis: number) => ({
  "x-ms-date": new Date(nowMillis).toUTCString(),
  "x-ms-version": serviceVersion
})

interface Exchange<A> {
  readonly request: UnsignedRequest
  readonly body?: Uint8Array
  readonly answered: (response: HttpResponse, reading: Reading) => A
  readonly unanswered: (failure: HttpFailure, message: string) => A
}

const makeStore = (config: AzureConfig, sign: Sign, guard: Guard["Service"]): ObjectStore => {
  const exchange = Effect.fnUntraced(function*<A>({ answered, body, request, unanswered }: Exchange<A>) {
    const nowMillis = yield* Clock.currentTimeMillis
    const { headers, secrets, url } = sign({
      ...request,
      headers: { ...request.headers, ...serviceHeaders(nowMillis) }
    })
    const sent = sendHttp(guard.agents, {
      method: request.method,
      url,
      headers,
      askFirst: true,
      ...(body === undefined ? {} : { body })
    })
    return yield* Effect.match(sent, {
      onSuccess: (response) => answered(response, { nowMillis, secrets }),
      onFailure: (failure) => unanswered(failure, unansweredMessage(failure, secrets))
    })
  })
  return {
    put: Effect.fn("AzureStore.put")((object: ObjectToPut): Effect.Effect<Answer> =>
      exchange({
        request: {
          method: "PUT",
          url: blobUrl(config, object.key),
          headers: putHeaders(object),
          bodyBytes: object.body.byteLength
        },
        body: object.body,
        answered: azurePutAnswer,
        unanswered: unansweredPut
      })
    ),
    inspect: Effect.fn("AzureStore.inspect")((key: string): Effect.Effect<Inspection> =>
      exchange({
        request: { method: "HEAD", url: blobUrl(config, key), headers: {}, bodyBytes: 0 },
        answered: azureInspection,
        unanswered: (_failure, message) => unansweredInspect(message)
      })
    )
  }
}

/** `secret` is an account key or a shared access signature, as `config.auth` says. */
export const openAzureStore = Effect.fn("AzureStore.open")(
  function*(config: AzureConfig, secret: Redacted.Redacted, guard: Guard["Service"]) {
    yield* Effect.fromResult(checkAzureConfig(config, guard.allowed))
    const sign = yield* Effect.fromResult(azureSign(config, Redacted.value(secret)))
    return makeStore(config, sign, guard)
  }
)
