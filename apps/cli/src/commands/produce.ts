/** `tailrace produce`: posts NDJSON records from a file or stdin, block by block, each durable before the next. */
import { LogType } from "@tailrace/domain"
import { Effect, FileSystem, Option, Stdio, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { HttpClientRequest } from "effect/http"
import { Refused, Usage } from "../Failure.ts"
import { type LineBlock, lineBlocks } from "../LineBlocks.ts"
import { Output } from "../Output.ts"
import { Progress, type Sent } from "../Progress.ts"
import { asFailure, Server } from "../Server.ts"

interface Input {
  readonly bytes: Stream.Stream<Uint8Array, Usage>
  readonly size: number | null
}

const asUsage = (file: string) => Effect.mapError((error: Error) => new Usage({ message: `${file}: ${error.message}` }))

const fromFile = Effect.fnUntraced(function*(file: string) {
  const files = yield* FileSystem.FileSystem
  const { size } = yield* files.stat(file).pipe(asUsage(file))
  const bytes = files.stream(file, { chunkSize: 2 ** 20 }).pipe(
    Stream.mapError((error) => new Usage({ message: `${file}: ${error.message}` }))
  )
  return { bytes, size: Number(size) } satisfies Input
})

const fromStdin = Effect.map(Stdio.Stdio, ({ stdin }): Input => ({
  bytes: stdin.pipe(Stream.mapError((error) => new Usage({ message: `stdin: ${error.message}` }))),
  size: null
}))

type Door = "records" | "hec"

/** The HEC form of the same lines: `{"event":…}` one after the other. */
const inEnvelopes = (ndjson: Uint8Array): Uint8Array => {
  const lines = Buffer.from(ndjson).toString("utf8").split("\n").filter((line) => line.trim() !== "")
  return Buffer.from(lines.map((line) => `{"event":${line}}`).join(""))
}

const requestOf = (door: Door, path: string, bytes: Uint8Array) =>
  door === "hec"
    ? HttpClientRequest.post("/services/collector/event", { body: undefined }).pipe(
      HttpClientRequest.bodyUint8Array(inEnvelopes(bytes), "application/json")
    )
    : HttpClientRequest.post(path).pipe(HttpClientRequest.bodyUint8Array(bytes, "application/x-ndjson"))

const post = Effect.fnUntraced(function*(door: Door, type: LogType, block: LineBlock) {
  const { http, tailnet, url } = yield* Server
  const path = `/api/v2/tailnet/${encodeURIComponent(tailnet)}/logging/${type}/records`
  yield* http.execute(requestOf(door, path, block.bytes)).pipe(
    Effect.flatMap((response) => response.text),
    Effect.mapError(asFailure(url)),
    Effect.mapError((error) => error._tag === "Refused" && block.firstLine > 1 ? placed(error, block) : error)
  )
})

/** The server counts from the request's first line. */
const placed = (error: Refused, { firstLine }: LineBlock): Refused =>
  new Refused({ status: error.status, message: `${error.message} (counted from line ${firstLine} of the input)` })

export const produce = Command.make(
  "produce",
  {
    file: Argument.File("file", { mustExist: true }).pipe(
      Argument.optional,
      Argument.withDescription("NDJSON file; absent: stdin")
    ),
    type: Flag.Literals("type", LogType.literals).pipe(
      Flag.withDefault("configuration"),
      Flag.withDescription("Which logs the records are")
    ),
    hec: Flag.Boolean("hec").pipe(
      Flag.withDefault(false),
      Flag.withDescription("Use the Splunk HEC door, where the server tells the log types apart by itself")
    )
  },
  Effect.fn(function*({ file, hec, type }) {
    const input = yield* Option.match(file, { onNone: () => fromStdin, onSome: fromFile })
    const progress = yield* Progress
    const none: Sent = { records: 0, bytes: 0, ofBytes: input.size }
    const sent = yield* lineBlocks(input.bytes).pipe(
      Stream.runFoldEffect(() => none, (sofar, block) =>
        post(hec ? "hec" : "records", type, block).pipe(
          Effect.as({ ...sofar, records: sofar.records + block.lines, bytes: sofar.bytes + block.bytes.length }),
          Effect.tap(progress.show)
        )),
      Effect.ensuring(progress.clear)
    )
    const { bytes, records } = sent
    yield* (yield* Output).done(`Sent ${records} records (${bytes} bytes)`, { records, bytes })
  })
).pipe(
  Command.withDescription("Post records: NDJSON from a file or stdin"),
  Command.withExamples([
    { command: "tailrace produce --type network flows.ndjson", description: "Post a file" },
    { command: "my-exporter | tailrace produce", description: "Post what another program writes, as it comes" }
  ])
)
