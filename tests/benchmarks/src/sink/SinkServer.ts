/**
 * A receiver that takes everything and keeps it as it came, as a process of its own:
 * `node SinkServer.ts <port> <file>`. It answers as Splunk, Elastic and Datadog answer what they take. A request is
 * kept as its length in four bytes, one byte that is 1 where the body is gzip, and the body.
 */
import { createWriteStream } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { gunzipSync } from "node:zlib"

const [port = "0", file = ""] = process.argv.slice(2)
const kept = createWriteStream(file)
const newline = 0x0a

const linesOf = (content: Buffer): number => {
  let lines = 0
  for (let at = content.indexOf(newline); at >= 0; at = content.indexOf(newline, at + 1)) lines++
  return lines
}

/** An action and a document for each record. */
const bulkAnswer = (content: Buffer): string =>
  `{"errors":false,"items":[${
    Array(Math.floor(linesOf(content) / 2)).fill("{\"create\":{\"status\":201}}").join(",")
  }]}`

const keep = (body: Buffer, isGzip: boolean) => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(body.length)
  head[4] = isGzip ? 1 : 0
  kept.write(head)
  kept.write(body)
}

const answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => {
  const isGzip = request.headers["content-encoding"] === "gzip"
  const path = request.url ?? ""
  // Nothing, a newline, or an empty array.
  const isProbe = body.length <= 2
  if (!isProbe) keep(body, isGzip)
  const reply = (status: number, text: string) => {
    response.writeHead(status, { "content-type": "application/json" })
    response.end(text)
  }
  if (path.includes("/_bulk")) return reply(200, bulkAnswer(isGzip ? gunzipSync(body) : body))
  if (path.includes("/api/v2/logs")) return reply(202, "{}")
  return isProbe
    ? reply(400, "{\"text\":\"No data\",\"code\":5}")
    : reply(200, "{\"text\":\"Success\",\"code\":0}")
}

const server = createServer((request, response) => {
  const pieces: Array<Buffer> = []
  request.on("data", (piece: Buffer) => pieces.push(piece))
  request.on("end", () => answer(request, response, Buffer.concat(pieces)))
})
server.keepAliveTimeout = 60_000
server.listen(Number(port), "127.0.0.1", () => console.log("serving"))
process.on("SIGTERM", () => {
  server.close().closeAllConnections()
  kept.end(() => process.exit(0))
})
