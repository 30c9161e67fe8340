/** Entry point of `npm run benchmark -- [name] [count]`; without a name all of them. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import process from "node:process"
import { delivery } from "./Delivery.ts"
import { idle } from "./Idle.ts"
import { ingest } from "./Ingest.ts"
import { kafkaDelivery } from "./kafka/KafkaDelivery.ts"
import { kafkaIngest } from "./kafka/KafkaIngest.ts"
import { kafkaReceivers } from "./kafka/KafkaReceivers.ts"
import { kafkaScaling } from "./kafka/KafkaScaling.ts"
import { kafkaBacklogs, kafkaTailnets, kafkaWidth } from "./kafka/KafkaWidth.ts"
import { peers } from "./kafka/Peers.ts"
import { machine } from "./Machine.ts"

const benchmarks = {
  delivery: (count?: number) => delivery(count ?? 2_000_000),
  ingest: (count?: number) => ingest(count ?? 1_200_000),
  idle: (count?: number) => idle(count ?? 1_000),
  "kafka-delivery": (count?: number) => kafkaDelivery(count ?? 2_000_000),
  "kafka-ingest": (count?: number) => kafkaIngest(count ?? 600_000),
  "kafka-scaling": (count?: number) => kafkaScaling(count ?? 2_000_000),
  "kafka-width": (count?: number) => kafkaWidth(count ?? 20_000),
  "kafka-tailnets": (count?: number) => kafkaTailnets(count ?? 500_000),
  "kafka-backlogs": (count?: number) => kafkaBacklogs(count ?? 10_000_000),
  "kafka-receivers": (count?: number) => kafkaReceivers(count ?? 2_000_000),
  peers: (count?: number) => peers(count ?? 2_000_000)
}

const [wanted, count] = process.argv.slice(2)
const size = count === undefined ? undefined : Number(count)

const all = Object.entries(benchmarks).filter(([name]) => wanted === undefined || wanted === name)

const program = Effect.gen(function*() {
  if (all.length === 0) return yield* Console.error(`one of ${Object.keys(benchmarks).join(", ")}`)
  yield* Console.log(yield* machine)
  yield* Effect.forEach(all, ([, run]) => run(size), { discard: true })
})

NodeRuntime.runMain(Effect.provide(program, NodeHttpClient.layerNodeHttp))
