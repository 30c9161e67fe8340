/**
 * An OAuth token endpoint for service accounts, as strict as RFC 7523 and Google's document of it: signature, audience,
 * issuer, times. What it answers can be changed by a test.
 */
import { Effect, Redacted } from "effect"
import { generateKeyPairSync, verify } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { httpServer } from "../store/listening.ts"

const keys = generateKeyPairSync("rsa", { modulusLength: 2048 })

export const privateKey = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString()

const email = "tailrace@project.iam.gserviceaccount.com"

/** A key file that the endpoint knows. */
export const serviceAccount = (tokenUri: string, more: Readonly<Record<string, unknown>> = {}) =>
  Redacted.make(JSON.stringify({
    type: "service_account",
    project_id: "project",
    private_key_id: "key-1",
    private_key: privateKey,
    client_email: email,
    token_uri: tokenUri,
    ...more
  }))

const readBody = async (request: IncomingMessage) => {
  let text = ""
  for await (const chunk of request) text += String(chunk)
  return text
}

const decoded = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString())

/** What is wrong with an assertion; null if nothing is. */
const complaint = (assertion: string, audience: string, nowSeconds: number): string | null => {
  const [head = "", claims = "", signature = ""] = assertion.split(".")
  const { alg, kid, typ } = decoded(head)
  if (alg !== "RS256" || typ !== "JWT" || kid !== "key-1") return "Invalid JWT header."
  const signed = Buffer.from(`${head}.${claims}`)
  if (!verify("sha256", signed, keys.publicKey, Buffer.from(signature, "base64url"))) return "Invalid JWT Signature."
  const { aud, exp, iat, iss, scope } = decoded(claims)
  if (iss !== email) return "Invalid issuer: Not a service account."
  if (aud !== audience) return "Invalid JWT: Failed audience check."
  if (Math.abs(iat - nowSeconds) > 300 || exp > iat + 3_600) {
    return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
  }
  return scope === "https://www.googleapis.com/auth/devstorage.read_write" ? null : "Invalid scope."
}

export interface Tokens {
  readonly url: string
  /** Every token that was given out, in order. */
  readonly issued: Array<string>
  seconds: number
  /** Answers in the place of the endpoint; undefined: the endpoint itself does. */
  instead: ((request: IncomingMessage, response: ServerResponse, body: string) => void) | undefined
}

const answer = (tokens: Tokens, response: ServerResponse, form: URLSearchParams) => {
  const isJwt = form.get("grant_type") === "urn:ietf:params:oauth:grant-type:jwt-bearer"
  const wrong = isJwt
    ? complaint(form.get("assertion") ?? "", tokens.url, Date.now() / 1_000)
    : "Invalid grant type."
  response.setHeader("content-type", "application/json")
  if (wrong !== null) {
    response.writeHead(400).end(JSON.stringify({ error: "invalid_grant", error_description: wrong }))
    return
  }
  const token = `ya29.token-${tokens.issued.length}-of-tests`
  tokens.issued.push(token)
  response.end(JSON.stringify({ access_token: token, expires_in: tokens.seconds, token_type: "Bearer" }))
}

/** Until the scope closes. */
export const tokenEndpoint = Effect.gen(function*() {
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(request)
    if (tokens.instead !== undefined) tokens.instead(request, response, body)
    else answer(tokens, response, new URLSearchParams(body))
  }
  const url = yield* httpServer((request, response) => void listener(request, response))
  const tokens: Tokens = { url: `${url}/token`, issued: [], seconds: 3_599, instead: undefined }
  return tokens
})
