/**
 * Brokers that serve Fetch from memory, over the real wire format, with the limits of a real broker: the first lane
 * that holds anything brings a whole batch, no batch is cut. One request of a connection is served at a time.
 */
import type { Bounds, Entry, Lane, Recognition, Topic } from "@tailrace/log"
import { Clock, Effect, Latch } from "effect"
import { encodeBatch } from "../../src/batch/EncodeBatch.ts"
import { markOfFirstBatch } from "../../src/batch/Mark.ts"
import { largeBytes, takeMemory } from "../../src/wire/LargeMemory.ts"
import type { Api } from "../../src/wire/Api.ts"
import type { Cluster, Link, Partition, Purpose } from "../../src/wire/Cluster.ts"
import { Reader } from "../../src/wire/Reader.ts"
import type { FetchPartition } from "../../src/wire/requests/Fetch.ts"
import { Unreachable } from "../../src/wire/Unreachable.ts"
import { Writer } from "../../src/wire/Writer.ts"

export interface StoredBatch {
  readonly base: number
  readonly last: number
  readonly bytes: Buffer
}

export interface LaneState {
  leader: number
  earliest: number
  next: number
  batches: Array<StoredBatch>
  aborted: ReadonlyArray<{ readonly producerId: number; readonly firstOffset: number }>
  /** Error codes that the next answers for this lane carry, each once. */
  errors: Array<number>
}

export interface Asking {
  readonly broker: number
  readonly purpose: Purpose
  readonly at: number
  readonly maxWaitMillis: number
  readonly maxBytes: number
  readonly partitions: ReadonlyArray<FetchPartition>
}

interface Part extends FetchPartition {
  readonly code: number
  readonly records: Buffer
}

const empty = Buffer.alloc(0)
const prefix = "t"

const readPartition = (reader: Reader, topic: string): FetchPartition => {
  const lane = reader.int32()
  reader.int32()
  const offset = reader.int64()
  reader.int64()
  return { topic, lane, offset, maxBytes: reader.int32() }
}

const readQuestion = (reader: Reader) => {
  reader.int32()
  const maxWaitMillis = reader.int32()
  const minBytes = reader.int32()
  const maxBytes = reader.int32()
  const isolation = reader.int8()
  const session = [reader.int32(), reader.int32()]
  const partitions = reader.array(() => {
    const topic = reader.string()
    return reader.array(() => readPartition(reader, topic))
  }).flat()
  return { maxWaitMillis, minBytes, maxBytes, isolation, session, partitions, rest: [reader.int32(), reader.string()] }
}

export class StandIn {
  readonly lanes = new Map<string, LaneState>()
  readonly asked: Array<Asking> = []
  readonly topicIds = new Map<Topic, string>()
  /** More than one request of a connection at a time, or a lane twice in one: both must not be. */
  readonly faults: Array<string> = []
  /** While true, no broker answers: calls fail. */
  isDown = false
  /** The next call never answers. */
  isHung = false
  forgotten = 0
  /** Bytes of records given out. */
  served = 0
  recognitions = 0
  private readonly busy = new Set<string>()
  private readonly appended = Latch.makeUnsafe(false)

  lane(topic: Topic, lane: Lane): LaneState {
    const id = `${prefix}.${topic}/${lane}`
    const there = this.lanes.get(id)
    if (there !== undefined) return there
    const made: LaneState = { leader: 1, earliest: 0, next: 0, batches: [], aborted: [], errors: [] }
    this.lanes.set(id, made)
    return made
  }

  append(topic: Topic, lane: Lane, entries: ReadonlyArray<Entry>): void {
    this.store({ topic, lane }, encodeBatch(entries, plain), entries.length)
  }

  /** A batch as it lies in the log; its base offset is given here. */
  store({ lane, topic }: Partition, batch: Buffer, count: number): void {
    const state = this.lane(topic, lane)
    batch.writeInt32BE(Math.floor(state.next / 2 ** 32), 0)
    batch.writeUInt32BE(state.next % 2 ** 32, 4)
    state.batches.push({ base: state.next, last: state.next + count - 1, bytes: batch })
    state.next += count
    this.appended.openUnsafe()
    this.appended.closeUnsafe()
  }

  /** Others see that something has changed, as after an append. */
  stir(): void {
    this.appended.openUnsafe()
    this.appended.closeUnsafe()
  }

  bounds = (topic: Topic, lane: Lane): Effect.Effect<Bounds> =>
    Effect.sync(() => {
      const { earliest, next } = this.lane(topic, lane)
      return { earliest, stable: next, next }
    })

  recognizes = (topic: Topic, lane: Lane, mark: string): Effect.Effect<Recognition> =>
    Effect.sync(() => {
      this.recognitions += 1
      const [, base, crc] = mark.split("/")
      const { batches, earliest } = this.lane(topic, lane)
      if (mark === "") return "same"
      if (Number(base) < earliest) return "gone"
      const batch = batches.find((one) => one.base === Number(base))
      return batch !== undefined && markOfFirstBatch(batch.bytes) === `${base}/${crc}` ? "same" : "other"
    })

  readonly cluster: Cluster["Service"] = {
    any: (purpose) => Effect.succeed(this.link(1, purpose)),
    describe: Effect.die("not asked for"),
    leader: ({ lane, topic }) => this.answer(() => this.lane(topic, lane).leader),
    link: (broker, purpose) => Effect.succeed(this.link(broker, purpose)),
    coordinator: (_, purpose) => Effect.succeed(this.link(1, purpose)),
    forgetLeader: () =>
      Effect.sync(() => {
        this.forgotten += 1
      }),
    forgetCoordinator: () => Effect.void,
    topicId: (topic) => this.answer(() => this.topicIds.get(topic) ?? "id")
  }

  private answer<A>(value: () => A): Effect.Effect<A, Unreachable> {
    return Effect.suspend(() => this.isDown ? Effect.fail(unreachable) : Effect.succeed(value()))
  }

  private link(broker: number, purpose: Purpose): Link {
    const connection = `${broker}/${purpose}`
    return {
      address: connection,
      call: (api, question, timeoutMillis = 5_000) =>
        this.serve(broker, purpose, encoded(api, question)).pipe(
          Effect.map((bytes) => api.read(new Reader(inUsedMemory(bytes)))),
          Effect.timeoutOrElse({ duration: timeoutMillis, orElse: () => Effect.fail(unreachable) }),
          (call) => this.alone(connection, call)
        )
    }
  }

  private alone<A, E>(connection: string, call: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.suspend(() => {
      if (this.busy.has(connection)) this.faults.push(`two requests on ${connection}`)
      this.busy.add(connection)
      return Effect.ensuring(call, Effect.sync(() => this.busy.delete(connection)))
    })
  }

  private serve = (broker: number, purpose: Purpose, bytes: Buffer): Effect.Effect<Buffer, Unreachable> =>
    Effect.gen({ self: this }, function*() {
      const question = readQuestion(new Reader(bytes))
      const at = yield* Clock.currentTimeMillis
      this.asked.push({ broker, purpose, at, ...question })
      const ids = question.partitions.map(({ lane, topic }) => `${topic}/${lane}`)
      if (new Set(ids).size < ids.length) this.faults.push("a lane twice in one request")
      if (this.isHung) {
        this.isHung = false
        return yield* Effect.never
      }
      yield* this.poll(broker, question, at + question.maxWaitMillis)
      return this.isDown ? yield* unreachable : write(this.partsOf(broker, question), this.lanes)
    })

  /** Until something is there, or the time is over. */
  private poll(
    broker: number,
    question: { readonly maxBytes: number; readonly partitions: ReadonlyArray<FetchPartition> },
    until: number
  ): Effect.Effect<void> {
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const isNews = question.partitions.some((part) => this.codeOf(broker, part) !== 0 || this.has(part))
      if (isNews || this.isDown || now >= until) return Effect.sleep("1 millis")
      const wait = Effect.timeoutOption(this.appended.await, until - now)
      return Effect.flatMap(wait, () => this.poll(broker, question, until))
    })
  }

  private has({ lane, offset, topic }: FetchPartition): boolean {
    return this.lanes.get(`${topic}/${lane}`)?.batches.some(({ last }) => last >= offset) ?? false
  }

  private codeOf(broker: number, { lane, offset, topic }: FetchPartition): number {
    const state = this.lanes.get(`${topic}/${lane}`)
    if (state === undefined) return 3
    if (state.errors[0] !== undefined) return state.errors[0]
    if (state.leader !== broker) return 6
    return offset < state.earliest || offset > state.next ? 1 : 0
  }

  private partsOf(
    broker: number,
    { maxBytes, partitions }: { readonly maxBytes: number; readonly partitions: ReadonlyArray<FetchPartition> }
  ): ReadonlyArray<Part> {
    let room = maxBytes
    let isFirst = true
    return partitions.map((part) => {
      const code = this.codeOf(broker, part)
      if (code !== 0) this.lanes.get(`${part.topic}/${part.lane}`)?.errors.shift()
      const records = code === 0 ? this.recordsOf(part, Math.min(room, part.maxBytes), isFirst) : empty
      room = Math.max(0, room - records.length)
      this.served += records.length
      isFirst &&= records.length === 0
      return { ...part, code, records }
    })
  }

  private recordsOf({ lane, offset, topic }: FetchPartition, limit: number, isFirst: boolean): Buffer {
    const found: Array<Buffer> = []
    let size = 0
    for (const { bytes, last } of this.lanes.get(`${topic}/${lane}`)?.batches ?? []) {
      if (last < offset) continue
      const mayExceed = isFirst && found.length === 0
      if (!mayExceed && size + bytes.length > limit) {
        if (found.length > 0) found.push(bytes.subarray(0, limit - size))
        break
      }
      found.push(bytes)
      size += bytes.length
    }
    return Buffer.concat(found)
  }
}

const unreachable = new Unreachable({ reason: "cut", isRefusal: false })

const plain = {
  producerId: -1,
  producerEpoch: -1,
  baseSequence: -1,
  isTransactional: false,
  timestamp: 1_700_000_000_000
}

/** As the wire does it: memory that was given back is written over, so that who looks at it too late is noticed. */
const inUsedMemory = (bytes: Buffer): Buffer => {
  if (bytes.length < largeBytes) return bytes
  const memory = takeMemory(bytes.length)
  bytes.copy(memory)
  return memory
}

const encoded = <Question, Answer>(api: Api<Question, Answer>, question: Question): Buffer => {
  const writer = new Writer()
  api.write(writer, question)
  return writer.bytes
}

const write = (parts: ReadonlyArray<Part>, lanes: ReadonlyMap<string, LaneState>): Buffer => {
  const writer = new Writer().int32(0).int16(0).int32(0)
  writer.array(parts, ({ code, lane, records, topic }) => {
    const state = lanes.get(`${topic}/${lane}`)
    writer.string(topic).array([lane], () => {
      writer.int32(lane).int16(code).int64(state?.next ?? -1).int64(state?.next ?? -1).int64(state?.earliest ?? -1)
      writer.array(state?.aborted ?? [], ({ firstOffset, producerId }) => writer.int64(producerId).int64(firstOffset))
      writer.int32(-1).byteString(records)
    })
  })
  return writer.bytes
}
