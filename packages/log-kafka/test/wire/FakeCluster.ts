/** Brokers over TCP that answer what they are told to: metadata and coordinators, and how often they were asked. */
import { Effect } from "effect"
import { findCoordinator } from "../../src/wire/requests/FindCoordinator.ts"
import { metadata5 } from "../../src/wire/requests/Metadata.ts"
import { Writer } from "../../src/wire/Writer.ts"
import { type FakeBroker, fakeBroker, type FakeRequest } from "./FakeBroker.ts"

export interface FakeTopic {
  readonly name: string
  /** Leaders by partition; −1: none. */
  readonly leaders: ReadonlyArray<number>
}

/** What all brokers answer; a test changes it as it goes on. */
export interface Told {
  brokers: ReadonlyArray<readonly [number, FakeBroker]>
  topics: ReadonlyArray<FakeTopic>
  coordinator: { readonly errorCode: number; readonly broker: number }
  /** How often each was asked, by the name of the call. */
  readonly asked: { metadata: number; coordinator: number }
}

const unknownTopic = 3

const metadataBody = ({ brokers, topics }: Told): Buffer => {
  const writer = new Writer()
  writer.int32(0).array(brokers, ([broker, { address }]) => {
    writer.int32(broker).string(address.host).int32(address.port).nullableString(null)
  })
  writer.nullableString("cluster").int32(brokers[0]?.[0] ?? -1).array(topics, ({ leaders, name }) => {
    writer.int16(leaders.length === 0 ? unknownTopic : 0).string(name).boolean(false)
    // Backwards: the protocol promises no order.
    writer.array(leaders.map((leader, partition) => ({ leader, partition })).toReversed(), ({ leader, partition }) => {
      writer.int16(leader < 0 ? 5 : 0).int32(partition).int32(leader)
      writer.array([1, 2], (replica) => writer.int32(replica)).array([1], (replica) => writer.int32(replica))
      writer.array([], () => {})
    })
  })
  return writer.bytes
}

const coordinatorBody = ({ brokers, coordinator }: Told): Buffer => {
  const { errorCode } = coordinator
  const found = brokers.find(([broker]) => broker === coordinator.broker)
  const { host, port } = found?.[1].address ?? { host: "", port: -1 }
  return new Writer().int32(0).int16(errorCode).nullableString(null).int32(coordinator.broker).string(host).int32(port)
    .bytes
}

export const makeTold = (): Told => ({
  brokers: [],
  topics: [],
  coordinator: { errorCode: 0, broker: 1 },
  asked: { metadata: 0, coordinator: 0 }
})

export const fakeMember = (told: Told): ReturnType<typeof fakeBroker> => {
  const onRequest = (request: FakeRequest): void => {
    if (request.key === metadata5.key) {
      told.asked.metadata += 1
      request.answer(metadataBody(told))
    } else if (request.key === findCoordinator.key) {
      told.asked.coordinator += 1
      request.answer(coordinatorBody(told))
    }
  }
  return fakeBroker({ onRequest })
}

/** Two brokers; `flow` has lanes led by the first, by the second and by nobody, `audit` two. */
export const fakeCluster = Effect.gen(function*() {
  const told = makeTold()
  const one = yield* fakeMember(told)
  const two = yield* fakeMember(told)
  told.brokers = [[1, one], [2, two]]
  told.topics = [{ name: "t.flow", leaders: [1, 2, -1] }, { name: "t.audit", leaders: [2, 2] }]
  return { told, one, two }
})
