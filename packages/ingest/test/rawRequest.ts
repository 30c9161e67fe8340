/** Chunked requests whose chunks, and whose early end, are the test's own. */
import { Effect } from "effect"
import { HttpServer } from "effect/http"
import { request } from "node:http"
import { type Posted, token } from "./receiver.ts"

const portOf = Effect.map(HttpServer.HttpServer, ({ address }) => "port" in address ? address.port : 0)

/** Sends each piece as a chunk. `hangUp`: the connection is cut after the last piece, without an end. */
export const sendInPieces = Effect.fnUntraced(
  function*(path: string, pieces: ReadonlyArray<Uint8Array>, options: { readonly hangUp?: boolean } = {}) {
    const port = yield* portOf
    return yield* Effect.callback<Posted>((resume) => {
      const headers = { authorization: `Splunk ${token}`, "transfer-encoding": "chunked" }
      const sent = request({ port, path, method: "POST", headers }, (response) => {
        const parts: Array<Buffer> = []
        response.on("data", (part: Buffer) => parts.push(part))
        response.on("end", () => {
          const text = Buffer.concat(parts).toString()
          const body: unknown = text === "" ? undefined : JSON.parse(text)
          resume(Effect.succeed({ status: response.statusCode ?? 0, body }))
        })
      })
      sent.on("error", () => resume(Effect.succeed({ status: 0, body: undefined })))
      const hangUp = options.hangUp === true ? () => sent.destroy(new Error("hung up")) : undefined
      pieces.forEach((piece, index) => sent.write(piece, index === pieces.length - 1 ? hangUp : undefined))
      if (hangUp === undefined) sent.end()
    })
  }
)
