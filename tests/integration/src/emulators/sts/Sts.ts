/**
 * Stands in for AWS STS, which no test can reach: `AssumeRole` in the query protocol, the signature checked, roles with
 * the trust policies that a test gives them, and credentials that end. It shares no code with what asks it.
 */
import type { Session } from "@tailrace/s3-server"
import { Effect } from "effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { assumed, issue, type Issued, refusal, type StsAnswer, type StsError } from "./Answer.ts"
import { type Key, signatureFault, type SignedPost } from "./Signature.ts"
import { allows, type TrustPolicy } from "./TrustPolicy.ts"

export interface StsOptions {
  /** Whose key it is: `arn:aws:iam::<account>:user/<name>`. */
  readonly user: string
  readonly key: Key
  /** How long credentials last, in milliseconds, whatever was asked for; an hour by default. */
  readonly sessionMillis?: number
}

/** One `AssumeRole` that was asked for. */
export interface Asked {
  readonly roleArn: string
  readonly externalId: string | undefined
  readonly sessionName: string
  readonly seconds: number
  readonly granted: boolean
}

export interface Sts {
  readonly url: string
  /** By ARN; a test changes it as it likes. */
  readonly roles: Map<string, TrustPolicy>
  readonly asked: ReadonlyArray<Asked>
  /** The latest last. */
  readonly issued: ReadonlyArray<Issued>
  /** For an S3 server that takes these credentials. */
  readonly sessions: (accessKeyId: string) => Session | undefined
  /** Ends all credentials at once. */
  expireAll(): void
  /** From now on every request is answered like this; undefined: as it should be. */
  answerAll(answer: StsError | StsAnswer | undefined): void
}

const sessionNameForm = /^[\w+=,.@-]{2,64}$/
const externalIdForm = /^[\w+=,.@:/-]{2,1224}$/

const invalid = (what: string) => refusal("ValidationError", `1 validation error detected: ${what}`)

/** The parameters' own rules. */
const wrongParameters = (parameters: URLSearchParams): StsAnswer | undefined => {
  if (parameters.get("Action") !== "AssumeRole" || parameters.get("Version") !== "2011-06-15") {
    return refusal("InvalidAction", `Could not find operation ${parameters.get("Action")}`)
  }
  const seconds = Number(parameters.get("DurationSeconds") ?? 3600)
  if (!(seconds >= 900 && seconds <= 43_200)) return invalid("durationSeconds")
  if (!sessionNameForm.test(parameters.get("RoleSessionName") ?? "")) return invalid("roleSessionName")
  const externalId = parameters.get("ExternalId")
  if (externalId !== null && !externalIdForm.test(externalId)) return invalid("externalId")
  return (parameters.get("RoleArn") ?? "").length >= 20 ? undefined : invalid("roleArn")
}

class State {
  readonly roles = new Map<string, TrustPolicy>()
  readonly asked: Array<Asked> = []
  readonly issued: Array<Issued> = []
  endedBefore = 0
  always: StsError | StsAnswer | undefined
  readonly #options: StsOptions

  constructor(options: StsOptions) {
    this.#options = options
  }

  #assumeRole(parameters: URLSearchParams): StsAnswer {
    const roleArn = parameters.get("RoleArn") ?? ""
    const sessionName = parameters.get("RoleSessionName") ?? ""
    const externalId = parameters.get("ExternalId") ?? undefined
    const seconds = Number(parameters.get("DurationSeconds") ?? 3600)
    const { sessionMillis = seconds * 1_000, user } = this.#options
    const policy = this.roles.get(roleArn)
    const granted = policy !== undefined && allows(policy, { user, externalId })
    this.asked.push({ roleArn, externalId, sessionName, seconds, granted })
    if (!granted) {
      // Also for a role that does not exist: AWS does not tell.
      const message = `User: ${user} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`
      return refusal("AccessDenied", message)
    }
    const made = issue(roleArn, sessionName, Date.now() + sessionMillis)
    this.issued.push(made)
    return assumed(made)
  }

  answer(post: SignedPost): StsAnswer {
    if (typeof this.always === "object") return this.always
    if (this.always !== undefined) {
      return refusal(this.always, this.always === "Throttling" ? "Rate exceeded" : this.always)
    }
    const fault = signatureFault(post, this.#options.key, Date.now())
    if (fault !== undefined) return refusal(fault, "The request is not signed as it should be.")
    const parameters = new URLSearchParams(post.body)
    return wrongParameters(parameters) ?? this.#assumeRole(parameters)
  }

  session(accessKeyId: string): Session | undefined {
    const index = this.issued.findIndex((it) => it.accessKeyId === accessKeyId)
    const found = this.issued[index]
    return found === undefined ? undefined : { ...found, expiresAt: index < this.endedBefore ? 0 : found.expiresAt }
  }
}

const postOf = async (request: IncomingMessage): Promise<SignedPost> => {
  const pieces: Array<Uint8Array> = []
  for await (const piece of request) if (piece instanceof Uint8Array) pieces.push(piece)
  const headers = Object.entries(request.headers).map(([name, value]) => [name, [value ?? ""].flat().join(",")])
  return { headers: Object.fromEntries(headers), body: Buffer.concat(pieces).toString("utf8") }
}

const send = (response: ServerResponse, { body, status }: StsAnswer) =>
  response.writeHead(status, { "content-type": "text/xml" }).end(body)

/** Listens until the scope closes. */
export const startSts = Effect.fn("startSts")(function*(options: StsOptions) {
  const state = new State(options)
  const server = yield* Effect.acquireRelease(
    Effect.sync(() =>
      createServer((request, response) => {
        postOf(request).then((post) => send(response, state.answer(post))).catch(() => response.destroy())
      })
    ),
    (listening) =>
      Effect.callback<void>((resume) => {
        listening.close(() => resume(Effect.void))
        listening.closeAllConnections()
      })
  )
  yield* Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void)))
  const address = server.address()
  const sts: Sts = {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    roles: state.roles,
    asked: state.asked,
    issued: state.issued,
    sessions: (accessKeyId) => state.session(accessKeyId),
    expireAll: () => void (state.endedBefore = state.issued.length),
    answerAll: (answer) => void (state.always = answer)
  }
  return sts
})
