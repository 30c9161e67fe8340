/**
 * Stands in for Vector 0.58 with the configuration of Tailscale's page on log streaming (a `splunk_hec` source with
 * `valid_tokens`, a `file` sink with JSON) where no Vector binary is at hand. Its rules are what the real one was
 * measured to do with the captured body of the live service; anything it was not asked about is left out.
 */
import { Effect } from "effect"
import { appendFile } from "node:fs/promises"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import path from "node:path"
import { gunzipSync } from "node:zlib"
import { objectsOf } from "./objectsOf.ts"

export interface VectorOptions {
  /** `valid_tokens`. */
  readonly tokens: ReadonlyArray<string>
  /** `/vector-data-dir` of the file sink. */
  readonly folder: string
  /** The URL uses another one where 0. */
  readonly port?: number
}

export interface Vector {
  readonly url: string
  /** Status of each answer so far. */
  readonly answered: ReadonlyArray<number>
  /** The next so many requests are cut off when they have been read whole, before anything is written. */
  cutNext(requests: number): void
}

interface Answer {
  readonly status: number
  /** Null: an empty body. */
  readonly body: { readonly text: string; readonly code: number; readonly "invalid-event-number"?: number } | null
}

const success: Answer = { status: 200, body: { text: "Success", code: 0 } }

/** The whole header is compared: Basic, Bearer and the bare token are all 401 code 3. */
const refusesToken = (header: string | undefined, tokens: ReadonlyArray<string>): Answer | undefined => {
  if (header === undefined) return { status: 401, body: { text: "Token is required", code: 2 } }
  const isValid = tokens.some((token) => header === `Splunk ${token}`)
  return isValid ? undefined : { status: 401, body: { text: "Invalid authorization", code: 3 } }
}

/** gzip and nothing else; others are 415 with an empty body. */
const contentOf = (body: Buffer, encoding: string | undefined): Buffer | Answer => {
  if (encoding === undefined || encoding === "identity") return body
  return encoding === "gzip" ? gunzipSync(body) : { status: 415, body: null }
}

interface Envelope {
  readonly time?: unknown
  readonly event?: unknown
  readonly fields?: unknown
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

/** `event` is flattened, `fields` become members beside it, `timestamp` comes from `time`. */
const line = ({ event, fields, time }: Envelope): { readonly day: string; readonly text: string } => {
  const timestamp = new Date(Math.round(Number(time) * 1_000)).toISOString()
  const flat = { ...isObject(event) ? event : { message: event }, ...isObject(fields) ? fields : {} }
  return { day: timestamp.slice(0, 10), text: JSON.stringify({ ...flat, source_type: "splunk_hec", timestamp }) }
}

/** What came before an object that cannot be taken was delivered, as Splunk does it. */
const take = async (content: string, folder: string): Promise<Answer> => {
  const { cut, objects } = objectsOf(content)
  if (objects.length === 0 && !cut) return { status: 400, body: { text: "No data", code: 5 } }
  for (const [index, text] of objects.entries()) {
    const envelope: unknown = JSON.parse(text)
    if (!isObject(envelope) || !("event" in envelope)) {
      return { status: 400, body: { text: "Event field is required", code: 12, "invalid-event-number": index } }
    }
    const { day, text: written } = line(envelope)
    await appendFile(path.join(folder, `tailscale-${day}.log`), `${written}\n`)
  }
  return cut
    ? { status: 400, body: { text: "Invalid data format", code: 6, "invalid-event-number": objects.length } }
    : success
}

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const pieces: Array<Uint8Array> = []
  for await (const piece of request) if (piece instanceof Uint8Array) pieces.push(piece)
  return Buffer.concat(pieces)
}

const route = async (request: IncomingMessage, body: Buffer, options: VectorOptions): Promise<Answer> => {
  // Health needs no token.
  if (request.url === "/services/collector/health") return { status: 200, body: { text: "HEC is healthy", code: 17 } }
  const refused = refusesToken(request.headers.authorization, options.tokens)
  if (refused !== undefined) return refused
  const content = contentOf(body, request.headers["content-encoding"])
  return Buffer.isBuffer(content) ? await take(content.toString("utf8"), options.folder) : content
}

const send = (response: ServerResponse, { body, status }: Answer) => {
  response.writeHead(status, body === null ? {} : { "content-type": "application/json" })
  response.end(body === null ? "" : JSON.stringify(body))
}

const makeState = (options: VectorOptions) => {
  const answered: Array<number> = []
  let cuts = 0
  const server = createServer((request, response) => {
    bodyOf(request).then(async (body) => {
      if (cuts > 0) {
        cuts--
        return request.socket.destroy()
      }
      const answer = await route(request, body, options)
      answered.push(answer.status)
      return send(response, answer)
    }).catch(() => response.destroy())
  })
  return { server, answered, cutNext: (requests: number) => void (cuts = requests) }
}

/** Listens until the scope closes. */
export const startVector = Effect.fn("startVector")(function*(options: VectorOptions) {
  const { answered, cutNext, server } = makeState(options)
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(options.port ?? 0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => server.close().closeAllConnections())
  )
  const address = server.address()
  const port = isObject(address) ? address.port : 0
  const vector: Vector = { url: `http://127.0.0.1:${port}/services/collector/event`, answered, cutNext }
  return vector
})
