/** Adapter: the server under an emulator: reads a request whole, and gives it to a function that decides. */
import { Effect } from "effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { constants, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib"

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** As it was sent. */
  readonly body: Buffer
}

export interface Told {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Text as it is; anything else as JSON. */
  readonly body?: unknown
}

/** `cut`: the connection is closed without an answer, after the request was read. */
export type Fate = Told | "cut"

/** What the next requests meet; each is used once, `undefined` lets one through. Probes are requests too. */
export type Faults = Array<Fate | undefined>

const asked = async (request: IncomingMessage): Promise<Asked> => {
  const pieces: Array<Uint8Array> = []
  for await (const piece of request) if (piece instanceof Uint8Array) pieces.push(piece)
  const url = new URL(request.url ?? "/", "http://emulator")
  const headers = Object.entries(request.headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")])
  return {
    method: request.method ?? "",
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(pieces)
  }
}

const tell = (response: ServerResponse, { body = "", headers = {}, status }: Told) => {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(text)
}

export interface Listening {
  readonly origin: string
  readonly port: number
}

/** Listens on this machine until the scope closes. `answer` is asked where no fault is left. */
export const listen = Effect.fn("listen")(function*(faults: Faults, answer: (request: Asked) => Fate) {
  const server = createServer((request, response) => {
    asked(request).then((whole) => {
      const fate = faults.shift() ?? answer(whole)
      return fate === "cut" ? void request.socket.destroy() : tell(response, fate)
    }).catch((error: unknown) => tell(response, { status: 500, body: { emulator: String(error) } }))
  })
  const port = yield* Effect.acquireRelease(
    Effect.callback<number>((resume) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed(address === null || typeof address === "string" ? 0 : address.port))
      })
    }),
    () => Effect.sync(() => server.close().closeAllConnections())
  )
  const listening: Listening = { origin: `http://127.0.0.1:${port}`, port }
  return listening
})

const decoders: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  identity: (body) => body,
  gzip: (body) => gunzipSync(body, { finishFlush: constants.Z_FINISH }),
  deflate: (body) => inflateSync(body),
  zstd: (body) => zstdDecompressSync(body)
}

/** The body as it was before compression; undefined: not in one of `codings`, or broken. */
export const contentOf = ({ body, headers }: Asked, codings: ReadonlyArray<string>): Buffer | undefined => {
  const coding = headers["content-encoding"] ?? "identity"
  const decode = coding === "identity" || codings.includes(coding) ? decoders[coding] : undefined
  try {
    return decode?.(body)
  } catch {
    return undefined
  }
}

/** What JSON says; undefined: it is none. */
export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
