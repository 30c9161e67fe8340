/**
 * Is the batch that a mark names still where it was? A mark is `<topic id, or ->/<base offset>/<CRC>`: the id changes
 * when the topic is made anew, the CRC when the end was cut off and has grown again.
 */
import type { Bounds, Lane, LogUnavailable, Recognition, Topic } from "@tailrace/log"
import { Effect } from "effect"
import { type Mark, markOfFirstBatch, parseMark } from "../batch/Mark.ts"
import { topicName } from "../KafkaOptions.ts"
import type { Partition } from "../wire/Cluster.ts"
import { ErrorCode } from "../wire/ErrorCode.ts"
import { type FetchedPartition, fetchRecords } from "../wire/requests/Fetch.ts"
import { Unreachable } from "../wire/Unreachable.ts"
import { type Asking, askLeader, checked, insist } from "./Insist.ts"

export interface Recognizing extends Asking {
  readonly bounds: (topic: Topic, lane: Lane) => Effect.Effect<Bounds, LogUnavailable>
}

interface FullMark extends Mark {
  /** Empty where the broker that was read had none to give. */
  readonly topicId: string
}

const formatMark = ({ baseOffset, crc }: Mark): string => `${baseOffset}/${crc}`

/** Topics whose batches the brokers write anew when they compact. */
const compacted: ReadonlySet<Topic> = new Set(["positions", "secrets"])

/** The first batch comes whole, whatever the limit; only its head is looked at. */
const enoughBytes = 64

const parse = (mark: string): FullMark | undefined => {
  const end = mark.indexOf("/")
  const parsed = parseMark(mark.slice(end + 1))
  const id = mark.slice(0, Math.max(0, end))
  return parsed === undefined ? undefined : { ...parsed, topicId: id === "-" ? "" : id }
}

const fetchHead = Effect.fnUntraced(function*(asking: Asking, partition: Partition, offset: number) {
  const topic = topicName(asking.options, partition.topic)
  const question = {
    maxWaitMillis: 0,
    minBytes: 0,
    maxBytes: enoughBytes,
    partitions: [{ topic, lane: partition.lane, offset, maxBytes: enoughBytes }]
  }
  const answer = yield* askLeader(asking, partition, (_, link) => link.call(fetchRecords, question))
  yield* checked(asking, partition, answer.code)
  const found = answer.partitions[0]
  if (found !== undefined) return found
  return yield* new Unreachable({ reason: `${topic}/${partition.lane}: the broker did not answer`, isRefusal: false })
})

/** Nothing there although the bounds say otherwise: they have moved meanwhile, or the leader has. */
const emptied = ({ lane, topic }: Partition): Unreachable =>
  new Unreachable({ reason: `${topic}/${lane}: no batch where there should be one`, isRefusal: false })

const compare = ({ topic }: Partition, mark: FullMark, { records }: FetchedPartition): Recognition | undefined => {
  const there = markOfFirstBatch(records)
  if (there === formatMark(mark)) return "same"
  if (compacted.has(topic)) return "gone"
  return there === undefined ? undefined : "other"
}

const isSameTopic = Effect.fnUntraced(function*({ cluster }: Recognizing, topic: Topic, mark: FullMark) {
  if (mark.topicId === "") return true
  const id = yield* cluster.topicId(topic)
  return id === "" || id === mark.topicId
})

const look = Effect.fnUntraced(function*(recognizing: Recognizing, partition: Partition, mark: FullMark) {
  const { lane, topic } = partition
  if (!(yield* isSameTopic(recognizing, topic, mark))) return "other"
  const { earliest, stable } = yield* recognizing.bounds(topic, lane)
  if (mark.baseOffset >= stable) return "other"
  if (mark.baseOffset < earliest) return "gone"
  const found = yield* fetchHead(recognizing, partition, mark.baseOffset)
  if (found.code === ErrorCode.OFFSET_OUT_OF_RANGE) return yield* emptied(partition)
  yield* checked(recognizing, partition, found.code)
  return compare(partition, mark, found) ?? (yield* emptied(partition))
})

/** As the port's `recognizes`. A mark of another form is not ours: `other`. */
export const makeRecognizes = (recognizing: Recognizing) =>
(
  topic: Topic,
  lane: Lane,
  mark: string
): Effect.Effect<Recognition, LogUnavailable> => {
  if (mark === "") return Effect.succeed("same")
  const parsed = parse(mark)
  return parsed === undefined ? Effect.succeed("other") : insist(look(recognizing, { topic, lane }, parsed))
}
