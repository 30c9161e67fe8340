/**
 * How to reach a Kafka cluster, each setting by itself. What they mean together is in `LoadKafka.ts`.
 */
import { Option } from "effect"
import { isLoopback, parseListen } from "./ListenAddress.ts"
import { optional, redactedIf, withDefault } from "./Setting.ts"
import { parseSwitch } from "./Switch.ts"

const isBroker = (text: string): boolean => Option.exists(parseListen(text), ({ port }) => port > 0)

const parseBrokers = (text: string): Option.Option<ReadonlyArray<string>> => {
  const brokers = text.split(",").map((part) => part.trim())
  return brokers.every(isBroker) ? Option.some(brokers) : Option.none()
}

/** What topic names may hold, less the room that `.quarantine` needs. */
const parsePrefix = (text: string): Option.Option<string> =>
  /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/.test(text) ? Option.some(text) : Option.none()

const parseReplication = (text: string): Option.Option<number> =>
  /^[1-9]$/.test(text) ? Option.some(Number(text)) : Option.none()

const mechanisms = {
  "plain": "PLAIN",
  "scram-sha-256": "SCRAM-SHA-256",
  "scram-sha-512": "SCRAM-SHA-512",
  "oauthbearer": "OAUTHBEARER"
} as const
export type SaslMechanism = typeof mechanisms[keyof typeof mechanisms]

const isMechanism = (text: string): text is keyof typeof mechanisms => text in mechanisms

const parseMechanism = (text: string): Option.Option<SaslMechanism> => {
  const name = text.toLowerCase()
  return isMechanism(name) ? Option.some(mechanisms[name]) : Option.none()
}

/** HTTPS, or the loopback address: what is sent there is a secret. */
const parseTokenUrl = (text: string): Option.Option<string> => {
  const url = URL.parse(text)
  if (url === null || url.username !== "" || url.password !== "") return Option.none()
  const isSafe = url.protocol === "https:" ||
    (url.protocol === "http:" && isLoopback(url.hostname.replace(/^\[|\]$/g, "")))
  return isSafe ? Option.some(url.href) : Option.none()
}

const asGiven = (text: string): Option.Option<string> => Option.some(text)
const secret = redactedIf(() => true)
const pem = "a PEM file that this user may read"

export const kafkaSettings = {
  kafkaBrokers: optional({
    name: "TAILRACE_KAFKA_BROKERS",
    does: "Kafka brokers to begin with, separated by commas. Set: the log is on Kafka, for any number of processes.",
    right: "HOST:PORT,HOST:PORT such as kafka-1:9092,kafka-2:9092 or [fd00::7]:9092",
    parse: parseBrokers
  }, "the embedded log"),
  kafkaPrefix: withDefault({
    name: "TAILRACE_KAFKA_PREFIX",
    does: "Beginning of all names in the cluster: topics `tailrace.flow` and so on, groups, transactional ids.",
    right: "up to 200 letters, digits, dots, dashes and underscores",
    parse: parsePrefix
  }, "tailrace"),
  kafkaReplication: optional({
    name: "TAILRACE_KAFKA_REPLICATION",
    does: "Copies of each topic that is made. Topics that are there keep theirs.",
    right: "a whole number from 1 to 9",
    parse: parseReplication
  }, "3, or as many as there are brokers"),
  kafkaTls: withDefault({
    name: "TAILRACE_KAFKA_TLS",
    does: "Speaks TLS with the brokers, whose certificates are checked.",
    right: "1 or 0",
    parse: parseSwitch
  }, "0"),
  kafkaCa: optional({
    name: "TAILRACE_KAFKA_CA",
    does: "Certificates of the authorities that the brokers' are signed by (PEM file).",
    right: pem,
    parse: asGiven
  }, "those of Node.js"),
  kafkaCert: optional({
    name: "TAILRACE_KAFKA_CERT",
    does: "Certificate that this process shows to the brokers (PEM file), with `TAILRACE_KAFKA_KEY`.",
    right: pem,
    parse: asGiven
  }, "none"),
  kafkaKey: optional({
    name: "TAILRACE_KAFKA_KEY",
    does: "Private key of that certificate (PEM file).",
    right: pem,
    parse: asGiven
  }, "none"),
  kafkaSasl: optional({
    name: "TAILRACE_KAFKA_SASL",
    does: "How this process proves to the brokers who it is.",
    right: Object.keys(mechanisms).join(", "),
    parse: parseMechanism
  }, "not at all, or by its certificate"),
  kafkaUsername: optional({
    name: "TAILRACE_KAFKA_USERNAME",
    does: "User name for `plain` and `scram-…`.",
    right: "the user's name in the cluster",
    parse: asGiven
  }, "none"),
  kafkaPassword: optional({
    name: "TAILRACE_KAFKA_PASSWORD",
    does: "Password for `plain` and `scram-…`.",
    right: "the user's password",
    secret: true,
    parse: secret
  }, "none"),
  kafkaTokenUrl: optional({
    name: "TAILRACE_KAFKA_TOKEN_URL",
    does: "For `oauthbearer`: where a token is asked for (OAuth 2 client credentials).",
    right: "an https URL; http only on the loopback address",
    parse: parseTokenUrl
  }, "none"),
  kafkaClientId: optional({
    name: "TAILRACE_KAFKA_CLIENT_ID",
    does: "The client that asks for the token.",
    right: "the client's id at the token's issuer",
    parse: asGiven
  }, "none"),
  kafkaClientSecret: optional({
    name: "TAILRACE_KAFKA_CLIENT_SECRET",
    does: "Its secret.",
    right: "the client's secret at the token's issuer",
    secret: true,
    parse: secret
  }, "none"),
  kafkaTokenScope: optional({
    name: "TAILRACE_KAFKA_TOKEN_SCOPE",
    does: "Scope of the token, where the issuer wants one.",
    right: "scopes, separated by spaces",
    parse: asGiven
  }, "none"),
  kafkaTokenFile: optional({
    name: "TAILRACE_KAFKA_TOKEN_FILE",
    does: "For `oauthbearer`: a file with the token, read anew for each authentication.",
    right: "a file that this user may read",
    parse: asGiven
  }, "none")
} as const
