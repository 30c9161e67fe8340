/** What one open receiver of the family knows: where, as whom, in which form, on which channel. */
import type { Capabilities, Codec, HecConfig, ReceiverAnswer } from "@tailrace/domain"
import { Effect } from "effect"
import { exchange } from "../http/exchange.ts"
import { contentHeaders, secretForms } from "../http/requestHeaders.ts"
import type { Failure, Reading } from "../http/StatusAnswer.ts"
import type { Agents } from "../network/GuardedAgents.ts"
import type { HttpResponse } from "../network/HttpSender.ts"
import type { ReceiverContext, ReceiverLimits } from "../Receiver.ts"
import { cookieHeader, type Cookies, withCookies } from "./Cookies.ts"
import type { Sent } from "./HecAnswer.ts"
import { credential, isScheme, type Scheme } from "./HecAuthorization.ts"
import type { Envelope } from "./HecEncoder.ts"

/** How a URL's service takes records, and how it answers. */
export interface HecForm {
  readonly envelope: Envelope
  readonly contentType: string
  readonly answer: (response: HttpResponse, reading: Reading, sent: Sent) => ReceiverAnswer
  /** Whether what an empty body is answered with says that the credential is taken. */
  readonly isUsable: (response: HttpResponse) => boolean
  /** Where to ask for acknowledgements; null: it gives none. */
  readonly ackUrl: string | null
}

/** What differs within the family. */
export interface HecKind {
  readonly limits: ReceiverLimits
  /** A body this long takes no further record. */
  readonly bodyBytes: number
  readonly schemes: (config: HecConfig, token: string) => ReadonlyArray<Scheme>
  readonly form: (config: HecConfig) => HecForm
}

export interface HecClient {
  readonly config: HecConfig
  readonly token: string
  readonly agents: Agents
  readonly context: ReceiverContext
  /** To try, in this order; at least one. */
  readonly schemes: ReadonlyArray<Scheme>
  readonly form: HecForm
  /** GUID, of this open receiver: ids of acknowledgements count on it. */
  readonly channel: string
  /** What the last answer left behind, for the next request. */
  readonly jar: { cookies: Cookies }
}

/** The one that the last probe found to work, else the usual one. */
export const schemeOf = ({ schemes }: HecClient, known: Capabilities): Scheme => {
  const { scheme } = known
  return isScheme(scheme) && schemes.includes(scheme) ? scheme : schemes[0] ?? "splunk"
}

/** In every form in which it may have been sent. */
export const secretsOf = ({ config, schemes, token }: HecClient): ReadonlyArray<string> =>
  schemes.flatMap((scheme) => secretForms(token, credential(scheme, config, token)))

export interface Posted<A> {
  readonly url?: string
  readonly scheme: Scheme
  readonly body: Uint8Array
  readonly codec?: Codec
  readonly hasChannel: boolean
  /** Of the answer that a question is about; by default the last. */
  readonly cookies?: Cookies
  readonly read: (response: HttpResponse, reading: Reading) => A
}

const channelHeaders = (channel: string, cookies: Cookies): Readonly<Record<string, string>> => ({
  "X-Splunk-Request-Channel": channel,
  ...cookieHeader(cookies)
})

/** One POST; always answers. */
export const post = <A>(client: HecClient, posted: Posted<A>): Effect.Effect<A | Failure> => {
  const { body, codec = "none", hasChannel, read, scheme, url = client.config.url } = posted
  const { agents, config, form, jar, token } = client
  const cookies = posted.cookies ?? jar.cookies
  const headers = {
    Authorization: credential(scheme, config, token),
    ...contentHeaders(form.contentType, codec),
    ...(hasChannel ? channelHeaders(client.channel, cookies) : {})
  }
  return exchange({ method: "POST", url, headers, body }, {
    agents,
    secrets: secretsOf(client),
    read: (response, reading) => {
      if (hasChannel) jar.cookies = withCookies(cookies, response.headers["set-cookie"])
      return read(response, reading)
    }
  })
}
