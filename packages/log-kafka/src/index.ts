export { type KafkaOptions, type KafkaSasl, type KafkaTls, topicName } from "./KafkaOptions.ts"
export * from "./KafkaUnusable.ts"
export * as LogKafka from "./LogKafka.ts"
