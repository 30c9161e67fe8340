// What of the log's contract depends on the broker's protocol, on a real Kafka 3.9.1, the oldest that is tested.
import { logContract } from "@tailrace/log/contract"
import { describe } from "vitest"
import { kafkaSubject } from "../src/kafka/KafkaLog.ts"
import { useKafka } from "../src/kafka/KafkaSite.ts"
import { java, lacks, maven, naming } from "../src/tool.ts"

describe.skipIf(lacks(java, maven))(naming("a real broker", java, maven), () => {
  const site = useKafka({ version: "3.9.1" })
  logContract("on Kafka 3.9.1", kafkaSubject(site), {
    means: ["real clock"],
    parts: ["records", "claims", "reading"],
    timeoutMillis: 60_000
  })
})
