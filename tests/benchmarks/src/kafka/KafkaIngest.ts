/** HEC → Kafka and NDJSON → Kafka by one ingest process, acknowledged by the broker when it is answered. */
import { Clock, Effect } from "effect"
import path from "node:path"
import { allowFlowLogs, ingestToken } from "../App.ts"
import { temporaryFolder } from "../Folders.ts"
import { hecBodies, recordsPerBody } from "../HecBodies.ts"
import { figuresOf } from "../ProcessFigures.ts"
import { ownSource, start } from "../Program.ts"
import { line, memory, seconds, speed, target, times, title, whole } from "../Report.ts"
import { parsing } from "../Yardsticks.ts"
import { startKafka } from "./Broker.ts"
import { startKafkaApp } from "./KafkaApp.ts"
import { topicSize } from "./TopicSize.ts"

const forms = { hec: { name: "HEC", wanted: 40_000 }, ndjson: { name: "NDJSON", wanted: 80_000 } } as const
type Form = keyof typeof forms

/** Topics, and who may write to them. */
const openDoor = Effect.fnUntraced(function*(folder: string) {
  const kafka = yield* startKafka(path.join(folder, "cluster"))
  const control = yield* startKafkaApp({ app: "control", kafka, data: path.join(folder, "control") })
  yield* allowFlowLogs(control)
  const token = yield* ingestToken(control)
  yield* control.program.stop
  return { kafka, token }
})

const taken = Effect.fnUntraced(function*(records: number, form: Form) {
  const folder = yield* temporaryFolder
  const { kafka, token } = yield* openDoor(folder)
  const ingest = yield* startKafkaApp({ app: "ingest", kafka, data: path.join(folder, "ingest") })
  const [before, broker] = [yield* figuresOf(ingest.program.pid), yield* figuresOf(kafka.pid)]
  const begin = yield* Clock.currentTimeMillis
  const requests = Math.ceil(records / recordsPerBody)
  const load = yield* start({ command: ownSource("Load.ts", ingest.url, token, `${requests}`, form) })
  yield* load.seen(/^accepted \d+$/m, 900)
  const wallSeconds = ((yield* Clock.currentTimeMillis) - begin) / 1_000
  const after = yield* figuresOf(ingest.program.pid)
  const brokerSeconds = (yield* figuresOf(kafka.pid)).cpuSeconds - broker.cpuSeconds
  yield* ingest.program.stop
  const stored = yield* topicSize(kafka)
  const { highestBytes } = after
  return {
    highestBytes,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    brokerSeconds,
    wallSeconds,
    stored,
    requests
  }
}, Effect.scoped)

const measured = Effect.fnUntraced(function*(records: number, form: Form) {
  const { brokerSeconds, cpuSeconds, highestBytes, requests, stored, wallSeconds } = yield* taken(records, form)
  const { name, wanted } = forms[form]
  const each = stored / cpuSeconds
  yield* line(`${name}: CPU, without the start`, seconds(cpuSeconds), `broker ${seconds(brokerSeconds)}`)
  yield* line("wall time", seconds(wallSeconds), "4 connections")
  yield* speed(each, wanted)
  yield* memory(highestBytes)
  yield* target({
    name: "records in the topic",
    value: whole(stored),
    isMet: stored === requests * recordsPerBody,
    wanted: whole(requests * recordsPerBody)
  })
  return each
})

export const kafkaIngest = Effect.fn("kafkaIngest")(function*(records: number) {
  yield* title(`Kafka ingest: ${whole(records)} flow records of 600 bytes in bodies of ${whole(recordsPerBody)}`)
  const hec = yield* measured(records, "hec")
  yield* measured(records, "ndjson")
  const yardstick = yield* parsing(hecBodies(20))
  yield* line("JSON.parse alone, per CPU-second", whole(yardstick), `ratio of HEC ${times(hec / yardstick)}`)
})
