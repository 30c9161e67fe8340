/** A TCP server that frames requests like a broker and says in which versions; what it answers is up to the test. */
import { Effect, type Scope } from "effect"
import { createServer, type Server, type Socket } from "node:net"
import { Writer } from "../../src/wire/Writer.ts"

export interface FakeRequest {
  readonly key: number
  readonly version: number
  readonly correlation: number
  /** What follows the client's id: of a flexible request with the header's last byte. */
  readonly body: Buffer
  readonly socket: Socket
  /** Sends this as the answer's body. */
  readonly answer: (body: Uint8Array) => void
}

export interface FakeBroker {
  readonly address: { readonly host: string; readonly port: number }
  /** Connections taken until now. */
  readonly taken: () => number
  /** Those that are there. */
  readonly sockets: ReadonlySet<Socket>
}

export interface FakeBrokerOptions {
  /** `[key, lowest version, highest version]` each. */
  readonly versions?: ReadonlyArray<readonly [number, number, number]>
  readonly onConnect?: (socket: Socket) => void
  readonly onRequest?: (request: FakeRequest) => void
}

export const apiVersionsKey = 18

export const frame = (correlation: number, body: Uint8Array): Buffer => {
  const length = body.length + 4
  return Buffer.from(new Writer().int32(length).int32(correlation).raw(body).bytes)
}

const versionsBody = (versions: FakeBrokerOptions["versions"] = [[0, 0, 20], [3, 0, 5], [10, 0, 1]]): Buffer => {
  const writer = new Writer()
  return writer.int16(0).array(versions, ([key, lowest, highest]) => {
    writer.int16(key).int16(lowest).int16(highest)
  }).int32(0).bytes
}

const requestOf = (socket: Socket, bytes: Buffer): FakeRequest => {
  const correlation = bytes.readInt32BE(4)
  const body = bytes.subarray(10 + bytes.readInt16BE(8))
  const answer = (answered: Uint8Array): void => void socket.write(frame(correlation, answered))
  return { key: bytes.readInt16BE(0), version: bytes.readInt16BE(2), correlation, body, socket, answer }
}

/** Calls `take` with each whole request, its length left out. */
const framed = (take: (bytes: Buffer) => void): (data: Buffer) => void => {
  let waiting = Buffer.alloc(0)
  return (data) => {
    waiting = Buffer.concat([waiting, data])
    while (waiting.length >= 4 && waiting.length >= 4 + waiting.readInt32BE(0)) {
      const end = 4 + waiting.readInt32BE(0)
      take(waiting.subarray(4, end))
      waiting = waiting.subarray(end)
    }
  }
}

const listening = (server: Server): Effect.Effect<number> =>
  Effect.callback((resume) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

export const fakeBroker = (options: FakeBrokerOptions = {}): Effect.Effect<FakeBroker, never, Scope.Scope> =>
  Effect.gen(function*() {
    const sockets = new Set<Socket>()
    let taken = 0
    const server = createServer((socket) => {
      taken += 1
      sockets.add(socket)
      socket.on("error", () => {})
      socket.on("close", () => sockets.delete(socket))
      socket.on(
        "data",
        framed((bytes) => {
          const request = requestOf(socket, bytes)
          if (request.key === apiVersionsKey) request.answer(versionsBody(options.versions))
          else options.onRequest?.(request)
        })
      )
      options.onConnect?.(socket)
    })
    const port = yield* Effect.acquireRelease(listening(server), () =>
      Effect.sync(() => {
        server.close()
        for (const socket of sockets) socket.destroy()
      }))
    return { address: { host: "127.0.0.1", port }, taken: () => taken, sockets }
  })
