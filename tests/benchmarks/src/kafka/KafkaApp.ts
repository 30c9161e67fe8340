/** The apps that share a log on Kafka, each a real process as `npm run control|ingest|delivery` starts it. */
import { Effect } from "effect"
import path from "node:path"
import { ownerKey } from "../App.ts"
import { type Program, root, start } from "../Program.ts"
import type { Kafka } from "./Broker.ts"

/** Lanes of the topics: partitions in Kafka's words. */
export const lanes = 4

/** All processes of an installation have the same. */
const masterKey = "5d".repeat(32)

export interface KafkaAppOptions {
  readonly app: "control" | "ingest" | "delivery"
  readonly kafka: Kafka
  /** Its own folder. */
  readonly data: string
  /** Of this machine, if it may not use all of them. */
  readonly core?: number
}

export interface KafkaApp {
  readonly program: Program
  readonly url: string
}

const settingsOf = ({ app, data, kafka }: KafkaAppOptions) => ({
  TAILRACE_KAFKA_BROKERS: kafka.bootstrap,
  TAILRACE_LANES: `${lanes}`,
  TAILRACE_LISTEN: "127.0.0.1:0",
  TAILRACE_DATA: data,
  ...app === "ingest" ? {} : { TAILRACE_MASTER_KEY: masterKey, TAILRACE_ALLOW_ENDPOINTS: "127.0.0.0/8" },
  ...app === "control" ? { TAILRACE_BOOTSTRAP_KEY: ownerKey } : {}
})

/** Serves when it returns; killed when the scope closes. */
export const startKafkaApp = Effect.fn("startKafkaApp")(function*(options: KafkaAppOptions) {
  const { app, core } = options
  const pinned = core === undefined ? [] : ["taskset", "--cpu-list", `${core}`]
  const [command, ...args] = [...pinned, process.execPath, path.join(root, "scripts/bootstrap.mjs"), app]
  const program = yield* start({ command: [command, ...args], env: settingsOf(options) })
  const [, url = ""] = yield* program.seen(/ at (https?:\/\/\S+)/)
  const started: KafkaApp = { program, url }
  return started
})
