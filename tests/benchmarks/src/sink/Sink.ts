/** The sink as a process whose cost is not counted, and a reader of what it kept that shares no code with delivery. */
import { Effect } from "effect"
import { readFile } from "node:fs/promises"
import path from "node:path"
import { gunzipSync } from "node:zlib"
import { ownSource, start } from "../Program.ts"

/** Stands in the configuration of a data folder that is kept, so it is always the same. */
const port = 19_156

export type Protocol = "splunk" | "elastic" | "datadog"

const paths: Readonly<Record<Protocol, string>> = {
  splunk: "/services/collector/event",
  elastic: "/flows/_bulk",
  datadog: "/api/v2/logs"
}

/** Body of a destination that delivers here. */
export const receiver = (protocol: Protocol, codec: "none" | "gzip") => ({
  destinationType: protocol,
  url: `http://127.0.0.1:${port}${paths[protocol]}`,
  token: "bench-token",
  compressionFormat: codec,
  ...protocol === "elastic" ? { user: "elastic" } : {}
})

export interface Received {
  readonly requests: number
  readonly bytes: number
  readonly records: number
}

type Visit = (record: Uint8Array) => void

const before = Buffer.from("\"event\":")
const between = Buffer.from(",\"fields\":{\"recorded\":\"")
const logged = Buffer.from("{\"logged\":\"")
const behind = Buffer.from("\",")

/** Records of an HEC body in the export form, `logged` put back where it was. */
const visitEnvelopes = (body: Buffer, visit: Visit): void => {
  for (let at = body.indexOf(before); at >= 0; at = body.indexOf(before, at)) {
    const event = at + before.length
    const end = body.indexOf(between, event)
    const recorded = end + between.length
    const close = body.indexOf("\"", recorded)
    visit(Buffer.concat([logged, body.subarray(recorded, close), behind, body.subarray(event + 1, end)]))
    at = close
  }
}

/** Each record as it stands between two newlines, or two objects of an array: only their number is of interest. */
const visitOthers = (body: Buffer, mark: string, visit: Visit): void => {
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + mark.length)) visit(body.subarray(at, at))
}

const marks = { elastic: "{\"create\":", datadog: "\"ddsource\":" } as const

const read = async (file: string, protocol: Protocol, visit: Visit): Promise<Received> => {
  const kept = await readFile(file)
  const sum = { requests: 0, bytes: 0, records: 0 }
  const counted: Visit = (record) => {
    sum.records++
    visit(record)
  }
  for (let at = 0; at < kept.length;) {
    const length = kept.readUInt32BE(at)
    const body = kept.subarray(at + 5, at + 5 + length)
    const content = kept[at + 4] === 1 ? gunzipSync(body) : body
    if (protocol === "splunk") visitEnvelopes(content, counted)
    else visitOthers(content, marks[protocol], counted)
    sum.requests++
    sum.bytes += length
    at += 5 + length
  }
  return sum
}

/** Killed when the scope closes. */
export const startSink = Effect.fn("startSink")(function*(folder: string) {
  const file = path.join(folder, "received")
  const program = yield* start({ command: ownSource("sink/SinkServer.ts", `${port}`, file) })
  yield* program.seen(/serving/)
  return {
    pid: program.pid,
    /** Stops it; then reads what it kept. */
    count: (protocol: Protocol, visit: Visit) =>
      Effect.andThen(program.stop, Effect.promise(() => read(file, protocol, visit)))
  }
})
