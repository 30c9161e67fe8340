/**
 * One connection to one broker: a kafkajs connection with its faults mended. It ends at the first error and is never
 * made anew: that is the link's part.
 */
import { Effect, Redacted } from "effect"
import * as Net from "node:net"
import * as Tls from "node:tls"
import type { KafkaOptions, KafkaTls } from "../KafkaOptions.ts"
import { type Address, formatAddress } from "./Address.ts"
import type { Api } from "./Api.ts"
import { saslOf } from "./Authentication.ts"
import { closedReason, unreachable } from "./Failure.ts"
import { guardAnswers, releaseAnswer, stopIdleTimer, watchAuthentication } from "./Faults.ts"
import { Frames } from "./Frames.ts"
import {
  clientId,
  ConnectionPool,
  type Exchange,
  KafkajsBroker,
  type KafkajsConnection,
  type KafkajsLogger,
  requestHeadBytes,
  type SocketRequest
} from "./Kafkajs.ts"
import { Reader } from "./Reader.ts"
import { Unreachable } from "./Unreachable.ts"

/** Of the TCP and TLS handshakes, and of each question until the connection stands; in milliseconds. */
const handshakeMillis = 5_000
/** Until the connection stands, authentication included. */
const openMillis = 10_000
const keepAliveMillis = 60_000
const readBytes = 256 * 1024

export type Access = Pick<KafkaOptions, "sasl" | "tls">

export interface Sending<Answer> {
  readonly api: Api<never, Answer>
  /** The request's body behind room for its head; for flexible versions the head's last byte lies between. */
  readonly frame: Buffer
  readonly timeoutMillis: number
}

export interface Connection {
  readonly isOpen: () => boolean
  /** The broker knows this version of the call. */
  readonly speaks: (api: Pick<Api<never, unknown>, "key" | "version">) => boolean
  /** Epoch milliseconds until which the broker wants to be left alone. */
  readonly throttledUntil: () => number
  readonly send: <Answer>(sending: Sending<Answer>) => Effect.Effect<Answer, Unreachable>
  /** Ends it at once: whoever waits for an answer gets an error with this reason. */
  readonly end: (reason: string) => void
}

const silent: KafkajsLogger = {
  namespace: () => silent,
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {}
}

const tlsOf = ({ ca, cert, key, verify }: KafkaTls): Tls.ConnectionOptions => ({
  ...(ca === undefined ? {} : { ca }),
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key: Redacted.value(key) }),
  rejectUnauthorized: verify
})

/** All sockets read into it, one after the other: what came is copied before the next one reads. */
const readBuffer = Buffer.allocUnsafeSlow(readBytes)

const connectSocket = ({ host, onConnect, port, ssl }: SocketRequest): Net.Socket => {
  const name = Net.isIP(host) === 0 ? { servername: host } : {}
  const frames = new Frames()
  const onread = {
    buffer: readBuffer,
    callback: (length: number) => {
      for (const answer of frames.push(readBuffer.subarray(0, length))) socket.emit("data", answer)
      return true
    }
  }
  const secure = { host, port, ...name, ...ssl, onread }
  const socket: Net.Socket = ssl === null
    ? Net.connect({ host, port, onread }, onConnect)
    : Tls.connect(secure, onConnect)
  return socket.setKeepAlive(true, keepAliveMillis).setNoDelay(true)
}

const throttleOf = (answer: unknown): number =>
  typeof answer === "object" && answer !== null && "throttleMillis" in answer &&
    typeof answer.throttleMillis === "number"
    ? answer.throttleMillis
    : 0

const exchangeOf = <Answer>(connection: KafkajsConnection, sending: Sending<Answer>): Exchange<Answer> => {
  const { api, frame, timeoutMillis } = sending
  const body = frame.subarray(requestHeadBytes)
  return {
    request: {
      apiKey: api.key,
      apiName: api.name,
      apiVersion: api.version,
      encode: () => ({ frame, buf: body, buffer: body })
    },
    response: {
      decode: (payload) => {
        releaseAnswer(connection)
        const reader = new Reader(payload)
        if (api.isFlexible === true) reader.taggedFields()
        const answer = api.read(reader)
        return { clientSideThrottleTime: throttleOf(answer), answer }
      },
      parse: ({ answer }) => answer
    },
    requestTimeout: timeoutMillis,
    logResponseError: false
  }
}

interface Parts {
  readonly broker: KafkajsBroker
  readonly connection: KafkajsConnection
  readonly end: (reason: string) => void
  /** At once, while kafkajs hears of it an event later. */
  readonly isEnded: () => boolean
}

/** Nothing is connected yet. `end` also stops what kafkajs would go on waiting for. */
const makeParts = ({ host, port }: Address, { sasl, tls }: Access): Parts => {
  const aborted = new AbortController()
  let socket: Net.Socket | undefined
  const connectionPool = new ConnectionPool({
    host,
    port,
    clientId,
    ssl: tls === undefined ? null : tlsOf(tls),
    sasl: sasl === undefined ? null : saslOf(sasl, aborted.signal),
    logger: silent,
    socketFactory: (request) => (socket = connectSocket(request)),
    requestTimeout: handshakeMillis,
    connectionTimeout: handshakeMillis,
    enforceRequestTimeout: true
  })
  const end = (reason: string): void => {
    aborted.abort()
    // An error and not just the end: kafkajs then rejects what waits and clears its timers.
    socket?.destroy(new Error(reason))
  }
  const broker = new KafkajsBroker({ connectionPool, logger: silent })
  return { broker, connection: connectionPool.pool[0], end, isEnded: () => aborted.signal.aborted }
}

/** What a broker does whose port is for TLS or SASL, or that restarts: only a hint. */
const hinted = (failure: Unreachable): Unreachable =>
  failure.reason.endsWith(closedReason)
    ? new Unreachable({ ...failure, reason: `${failure.reason} before its first answer (does it want TLS or SASL?)` })
    : failure

const connectionOf = (parts: Parts, fail: (error: unknown) => Unreachable): Connection => {
  const { broker, connection, end, isEnded } = parts
  let answered = false
  const failSend = (error: unknown): Unreachable => answered ? fail(error) : hinted(fail(error))
  return {
    isOpen: () => !isEnded() && connection.isConnected(),
    speaks: ({ key, version }) => {
      const range = broker.versions?.[key]
      return range !== undefined && range.minVersion <= version && version <= range.maxVersion
    },
    throttledUntil: () => connection.requestQueue.throttledUntil,
    send: (sending) =>
      Effect.tryPromise({ try: () => connection.send(exchangeOf(connection, sending)), catch: failSend }).pipe(
        Effect.tap(() => Effect.sync(() => void (answered = true)))
      ),
    end
  }
}

/** Connects, asks what the broker speaks, and authenticates, all within ten seconds. */
export const openConnection = (address: Address, access: Access): Effect.Effect<Connection, Unreachable> =>
  Effect.suspend(() => {
    const parts = makeParts(address, access)
    stopIdleTimer(parts.connection)
    guardAnswers(parts.connection, parts.end)
    const isRefused = watchAuthentication(parts.connection)
    const fail = (error: unknown): Unreachable => unreachable(formatAddress(address), error, isRefused(error))
    const tooSlow = Effect.suspend(() => Effect.fail(fail(new Error(`took no connection within ${openMillis} ms`))))
    const failOpen = (error: unknown): Unreachable => hinted(fail(error))
    return Effect.tryPromise({ try: () => parts.broker.connect(), catch: failOpen }).pipe(
      Effect.timeoutOrElse({ duration: openMillis, orElse: () => tooSlow }),
      Effect.as(connectionOf(parts, fail)),
      Effect.onError(() => Effect.sync(() => parts.end("was given up")))
    )
  })
