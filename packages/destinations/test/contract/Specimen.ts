/** What the contract suite is told of a type: a configuration, how its service answers, what an answer means to it. */
import { DestinationId, type ReceiverAnswer, type ReceiverConfig } from "@tailrace/domain"
import { Effect, Redacted } from "effect"
import { Guard, loopback } from "../../src/index.ts"
import type { Receiver, ReceiverContext } from "../../src/Receiver.ts"
import { type ReceiverType, receiverTypes } from "../../src/registry.ts"
import { asRecords } from "../hec/asRecords.ts"
import type { Got, Said } from "../network/ScriptedServer.ts"

export interface Meant {
  readonly what: string
  /** To a request of three records. */
  readonly said: Said
  /** Members of the answer. */
  readonly is: Partial<ReceiverAnswer>
}

export interface Specimen {
  /** For a service at this origin, such as `http://127.0.0.1:1234`. */
  readonly config: (origin: string) => ReceiverConfig
  readonly secret: string
  /** What a working service answers to whatever this type sends: a look, a sample, records. */
  readonly healthy: (got: Got) => Said
  /** How many events a body holds; 0 for that of a look. */
  readonly events: (body: Buffer) => number
  /** Answers of status 2xx that are not success; none: all are. */
  readonly notSuccess: ReadonlyArray<Said>
  readonly answers: ReadonlyArray<Meant>
}

export const context: ReceiverContext = { destination: DestinationId.make("dst_contract"), topic: "flow", lane: 1 }

/** Names lead to this machine. */
export const guard = Guard.layer(loopback, (_, answer) => answer(null, [{ address: "127.0.0.1", family: 4 }]))

/** Of the wall clock, whatever clock the test has. */
export const wallMillis = () => Date.now()

/** Ten minutes ago: no service minds that. */
const recently = (index: number) => new Date(wallMillis() - 600_000 + index).toISOString()

/** A flow record as ingest writes it, at least this long. */
export const flowRecord = (index: number, bytes = 0) => {
  const time = recently(index)
  const record = { logged: time, nodeId: `n${index}CNTRL`, start: time, end: time, virtualTraffic: [{ proto: 6 }] }
  const missing = bytes - JSON.stringify(record).length - 9
  return JSON.stringify(missing > 0 ? { ...record, pad: "x".repeat(missing) } : record)
}

export const flowRecords = (count: number, bytes = 0) =>
  Array.from({ length: count }, (_, index) => flowRecord(index, bytes))

const typeOf = (config: ReceiverConfig): ReceiverType<ReceiverConfig> | undefined => receiverTypes[config._tag]

/** A receiver of the registry for a service at this origin. */
export const openAt = Effect.fnUntraced(function*(specimen: Specimen, origin: string) {
  const config = specimen.config(origin)
  const type = typeOf(config)
  if (type === undefined) return yield* Effect.die(new Error(`${config._tag} is not registered`))
  return yield* type.open(config, Redacted.make(specimen.secret), { guard: yield* Guard, context })
})

/** What delivery does with records, without compression. */
export const requestOf = (receiver: Receiver, texts: ReadonlyArray<string>) => {
  const into = new Uint8Array(receiver.limits.requestBytes)
  const { bytes, taken } = receiver.encode(asRecords(texts), into, Date.now())
  return { body: into.slice(0, bytes), codec: "none", count: taken, contentBytes: bytes } as const
}

/** Three records, sent once. */
export const sendThree = (receiver: Receiver) => receiver.send(requestOf(receiver, flowRecords(3)), {})
