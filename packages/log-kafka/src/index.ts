export { type KafkaOptions, type KafkaSasl, type KafkaTls, topicName } from "./KafkaOptions.ts"
