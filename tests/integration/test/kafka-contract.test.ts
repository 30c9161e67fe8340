// The whole contract of the log on a real Kafka 4.4.0; a kill cuts all connections at once.
import { logContract } from "@tailrace/log/contract"
import { describe } from "vitest"
import { kafkaSubject } from "../src/kafka/KafkaLog.ts"
import { useKafka } from "../src/kafka/KafkaSite.ts"
import { java, lacks, maven, naming } from "../src/tool.ts"

describe.skipIf(lacks(java, maven))(naming("a real broker", java, maven), () => {
  const site = useKafka({ version: "4.4.0" })
  logContract("on Kafka 4.4.0", kafkaSubject(site), { means: ["real clock"], timeoutMillis: 60_000 })
})
