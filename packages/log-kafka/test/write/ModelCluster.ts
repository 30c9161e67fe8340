/**
 * A cluster of the test: the broker halves of the four requests that write, over their real bytes, with fates that
 * befall the calls. An unanswered call can still be carried out, at once or much later.
 */
import type { Lane, Topic } from "@tailrace/log"
import { Effect, Layer } from "effect"
import type { Api } from "../../src/wire/Api.ts"
import { Cluster, type Link } from "../../src/wire/Cluster.ts"
import { ErrorCode } from "../../src/wire/ErrorCode.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Unreachable } from "../../src/wire/Unreachable.ts"
import { Writer } from "../../src/wire/Writer.ts"
import { ModelCoordinator } from "./ModelCoordinator.ts"
import { ModelLane } from "./ModelLane.ts"

/** What befalls a call: `late` is carried out after `calls` others; `code` answers instead of doing anything. */
export type Fate =
  | { readonly kind: "well" | "questionLost" | "answerLost" | "stale" | "unsure" }
  | { readonly kind: "late"; readonly calls: number }
  | { readonly kind: "code"; readonly code: number }
  | { readonly kind: "silent"; readonly millis: number }

const well: Fate = { kind: "well" }

interface Late {
  calls: number
  readonly carryOut: () => void
}

interface Place {
  readonly name: string
  readonly lane: Lane
  readonly batch: Buffer
}

const lost = (what: string): Unreachable => new Unreachable({ reason: `model:9092 lost the ${what}`, isRefusal: false })

const readParts = (reader: Reader): ReadonlyArray<Place> =>
  reader.array(() => {
    const name = reader.string()
    return reader.array(() => ({ name, lane: reader.int32(), batch: Buffer.from(reader.byteString()) }))
  }).flat()

const readLanes = (reader: Reader): ReadonlyArray<Omit<Place, "batch">> =>
  reader.array(() => {
    const name = reader.string()
    return reader.array(() => ({ name, lane: reader.int32() }))
  }).flat()

export class ModelCluster {
  readonly coordinator = new ModelCoordinator()
  /** Names of the calls in order, and of the topics in each Produce. */
  readonly calls: Array<string> = []
  readonly lanes = new Map<string, ModelLane>()
  /** What was forgotten, to be looked for anew. */
  readonly forgotten: Array<string> = []
  /** Applies the fates to these calls only. */
  isFated: (name: string) => boolean = () => true
  /** How long every answer takes. */
  answerMillis = 1
  private late: Array<Late> = []
  private coming: Array<Fate> = []

  /** What befalls the next calls, one after the other; all later ones go well. */
  set fates(list: ReadonlyArray<Fate>) {
    this.coming = [...list]
  }

  laneOf(topic: Topic, lane: Lane = 0): ModelLane {
    return this.named(`m.${topic}`, lane)
  }

  /** Carries out whatever is still on its way. */
  settle(): void {
    for (const { carryOut } of this.late.splice(0)) carryOut()
    for (let round = 0; round < 20; round++) this.coordinator.tick()
  }

  readonly layer: Layer.Layer<Cluster> = Layer.suspend(() => {
    const link: Link = { address: "model:9092", call: (api, question) => this.call(api, question) }
    return Layer.succeed(Cluster, {
      any: () => Effect.succeed(link),
      leader: () => Effect.succeed(1),
      link: () => Effect.succeed(link),
      coordinator: () => Effect.succeed(link),
      forgetLeader: ({ topic }) => Effect.sync(() => void this.forgotten.push(topic)),
      forgetCoordinator: ({ id }) => Effect.sync(() => void this.forgotten.push(id)),
      topicId: () => Effect.succeed(""),
      describe: Effect.succeed({ brokers: [], controller: undefined, topics: new Map() })
    })
  })

  private named(name: string, lane: Lane): ModelLane {
    const place = `${name}/${lane}`
    const found = this.lanes.get(place) ?? new ModelLane()
    this.lanes.set(place, found)
    return found
  }

  private call<Question, Answer>(api: Api<Question, Answer>, question: Question): Effect.Effect<Answer, Unreachable> {
    return Effect.gen({ self: this }, function*() {
      const writer = new Writer()
      api.write(writer, question)
      const bytes = Buffer.from(writer.bytes)
      this.passTime()
      const fate = this.isFated(api.name) ? this.coming.shift() ?? well : well
      yield* Effect.sleep(fate.kind === "silent" ? fate.millis : this.answerMillis)
      const answer = this.befall(fate, api.name, bytes)
      return answer instanceof Unreachable ? yield* answer : api.read(new Reader(answer))
    })
  }

  private passTime(): void {
    this.coordinator.tick()
    for (const each of this.late) each.calls -= 1
    const due = this.late.filter(({ calls }) => calls < 0)
    this.late = this.late.filter(({ calls }) => calls >= 0)
    for (const { carryOut } of due) carryOut()
  }

  private befall(fate: Fate, name: string, bytes: Buffer): Buffer | Unreachable {
    switch (fate.kind) {
      case "questionLost":
      case "silent":
        return lost("question")
      case "late":
        this.late.push({ calls: fate.calls, carryOut: () => void this.answer(name, bytes) })
        return lost("answer")
      case "answerLost":
        this.answer(name, bytes)
        return lost("answer")
      case "stale":
        return this.answer(name, bytes, { before: staleCode(name) })
      case "code":
        return this.answer(name, bytes, { before: fate.code })
      case "unsure":
        return this.answer(name, bytes, { after: unsureCode(name) })
      default:
        return this.answer(name, bytes)
    }
  }

  /** `before`: the code of the answer, and nothing is done; `after`: it is done, and yet answered so. */
  private answer(name: string, bytes: Buffer, forced: { before?: number; after?: number } = {}): Buffer {
    const reader = new Reader(bytes)
    const judged = (does: () => number): number => {
      if (forced.before !== undefined) return forced.before
      const code = does()
      return forced.after !== undefined && code === ErrorCode.NONE ? forced.after : code
    }
    if (name === "Produce") return this.produce(reader, judged)
    this.calls.push(name)
    if (name === "InitProducerId") return this.init(reader, judged)
    return name === "AddPartitionsToTxn" ? this.add(reader, judged) : this.end(reader, judged)
  }

  private produce(reader: Reader, judged: (does: () => number) => number): Buffer {
    reader.nullableString()
    reader.raw(6)
    const parts = readParts(reader)
    this.calls.push(`Produce ${parts.map(({ lane, name }) => `${name}/${lane}`).join(" ")}`)
    const writer = new Writer()
    writer.array(parts, ({ batch, lane, name }) => {
      let base = -1
      const code = judged(() => {
        const appended = this.named(name, lane).append(batch)
        base = appended.base
        return appended.code
      })
      writer.string(name).array([lane], () => writer.int32(lane).int16(code).int64(base).int64(-1).int64(0))
    })
    return Buffer.from(writer.int32(0).bytes)
  }

  private init(reader: Reader, judged: (does: () => number) => number): Buffer {
    let producer = { producerId: -1, epoch: -1 }
    const code = judged(() => {
      const { code, epoch, producerId } = this.coordinator.init(reader.nullableString())
      producer = { producerId, epoch }
      return code
    })
    return Buffer.from(new Writer().int32(0).int16(code).int64(producer.producerId).int16(producer.epoch).bytes)
  }

  private add(reader: Reader, judged: (does: () => number) => number): Buffer {
    const id = reader.string()
    reader.int64()
    const epoch = reader.int16()
    const lanes = readLanes(reader)
    const code = judged(() => this.coordinator.add(id, epoch, lanes.map(({ lane, name }) => this.named(name, lane))))
    const writer = new Writer().int32(0)
    writer.array(lanes, ({ lane, name }) => {
      writer.string(name).array([lane], () => writer.int32(lane).int16(code))
    })
    return Buffer.from(writer.bytes)
  }

  private end(reader: Reader, judged: (does: () => number) => number): Buffer {
    const id = reader.string()
    reader.int64()
    const epoch = reader.int16()
    const isCommit = reader.boolean()
    const code = judged(() => this.coordinator.end(id, epoch, isCommit))
    return Buffer.from(new Writer().int32(0).int16(code).bytes)
  }
}

const staleCode = (name: string): number =>
  name === "Produce" ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.NOT_COORDINATOR

const unsureCode = (name: string): number =>
  name === "Produce" ? ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND : ErrorCode.COORDINATOR_NOT_AVAILABLE
