/**
 * The parts of kafkajs 2.2.4 that we stand on, with types of our own: it gives out none of them. The only file that
 * reaches into kafkajs; its version is pinned. Not for mending its faults: that is `Connection.ts`.
 */
import { createRequire, Module } from "node:module"
import type { Socket } from "node:net"
import type { ConnectionOptions } from "node:tls"

export interface KafkajsLogger {
  namespace(name: string): KafkajsLogger
  error(message: string): void
  warn(message: string): void
  info(message: string): void
  debug(message: string): void
}

/** What the socket factory gets: `onConnect` belongs to the event `connect`, or `secureConnect` with TLS. */
export interface SocketRequest {
  readonly host: string
  readonly port: number
  readonly ssl: ConnectionOptions | null
  readonly onConnect: () => void
}

/** One step of an authentication; both sides' bytes begin with their length (int32). */
export interface SaslStep {
  readonly request: { encode(): Buffer }
  readonly response: { decode(bytes: Buffer): Buffer; parse(bytes: Buffer): void }
}

export interface KafkajsSasl {
  readonly mechanism: string
  readonly username?: string
  readonly password?: string
  /** For a mechanism that kafkajs does not do itself. */
  readonly authenticationProvider?: (
    tools: { readonly saslAuthenticate: (step: SaslStep) => Promise<void> }
  ) => { authenticate(): Promise<void> }
}

export interface PoolOptions {
  readonly host: string
  readonly port: number
  readonly clientId: string
  readonly ssl: ConnectionOptions | null
  readonly sasl: KafkajsSasl | null
  readonly logger: KafkajsLogger
  readonly socketFactory: (request: SocketRequest) => Socket
  /** Milliseconds; a request's own bound counts only where it is longer. */
  readonly requestTimeout: number
  readonly connectionTimeout: number
  readonly enforceRequestTimeout: boolean
}

/** As kafkajs's own encoder looks to those who use it. */
interface EncodedPayload {
  readonly buf: Buffer
  readonly buffer: Buffer
}

/** The body of a request, which lies in `frame` behind `requestHeadBytes` that are free. */
export interface OurPayload extends EncodedPayload {
  readonly frame: Buffer
}

/** A request and how its answer is read. `decode` throws what the caller of `send` gets. */
export interface Exchange<Answer> {
  readonly request: {
    readonly apiKey: number
    readonly apiName: string
    readonly apiVersion: number
    encode(): OurPayload
  }
  readonly response: {
    decode(payload: Buffer): { readonly clientSideThrottleTime: number; readonly answer: Answer }
    parse(decoded: { readonly answer: Answer }): Answer
  }
  readonly requestTimeout: number
  readonly logResponseError: boolean
}

export interface RequestQueue {
  readonly pending: ReadonlyArray<unknown>
  /** Epoch milliseconds; before that nothing is sent, because the broker wants it so. */
  readonly throttledUntil: number
  scheduleCheckPendingRequests(): void
}

/** One socket. Its methods are looked up at each use: an instance may have its own. */
export interface KafkajsConnection {
  readonly requestQueue: RequestQueue
  /** What came of the answer at hand; `bytesNeeded` of it are wanted, its length (4 bytes) included. */
  chunks: Array<Buffer>
  readonly bytesBuffered: number
  readonly bytesNeeded: number
  isConnected(): boolean
  processData(data: Buffer): void
  send<Answer>(exchange: Exchange<Answer>): Promise<Answer>
}

export interface ConnectionPool {
  /** Two; the second one serves only kafkajs's own fetches. */
  readonly pool: readonly [KafkajsConnection, KafkajsConnection]
}

export interface Versions {
  readonly [apiKey: number]: { readonly minVersion: number; readonly maxVersion: number }
}

export interface KafkajsBroker {
  /** As the broker told at the connection's start. */
  readonly versions: Versions | null
  /** Connects the first connection of the pool, asks for the versions, authenticates. */
  connect(): Promise<void>
}

/** What the brokers' logs call this client. */
export const clientId = "tailrace"

/** size:i32 apiKey:i16 apiVersion:i16 correlationId:i32 clientId:string (i16 and its bytes). */
export const requestHeadBytes = 14 + clientId.length

interface RequestToWrite {
  readonly clientId: string
  readonly correlationId: number
  readonly request: {
    readonly apiKey: number
    readonly apiVersion: number
    encode(): OurPayload | EncodedPayload | Promise<OurPayload | EncodedPayload>
  }
}

const writeRequest = async (
  { clientId, correlationId, request }: RequestToWrite
): Promise<{ readonly buffer: Buffer }> => {
  const payload = await request.encode()
  const buffer = "frame" in payload
    ? payload.frame
    : Buffer.concat([Buffer.alloc(14 + Buffer.byteLength(clientId)), payload.buffer])
  buffer.writeInt32BE(buffer.length - 4)
  buffer.writeInt16BE(request.apiKey, 4)
  buffer.writeInt16BE(request.apiVersion, 6)
  buffer.writeInt32BE(correlationId, 8)
  buffer.writeInt16BE(Buffer.byteLength(clientId), 12)
  buffer.write(clientId, 14)
  return { buffer }
}

const load = createRequire(import.meta.url)

/**
 * kafkajs 2.2.4 copies each request twice into fresh memory (protocol/request.js): ours stay in theirs, unless somebody
 * else in this process has loaded it before; then it copies.
 */
const requestPath = load.resolve("kafkajs/src/protocol/request")
load.cache[requestPath] = Object.assign(new Module(requestPath), { exports: writeRequest, loaded: true })

export const ConnectionPool: new(options: PoolOptions) => ConnectionPool = load("kafkajs/src/network/connectionPool")

export const KafkajsBroker: new(
  options: { readonly connectionPool: ConnectionPool; readonly logger: KafkajsLogger }
) => KafkajsBroker = load("kafkajs/src/broker")
