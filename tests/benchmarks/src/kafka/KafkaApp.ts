/** The apps that share a log on Kafka, each a real process, packed and started as it is deployed. */
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { rm } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"
import { ownerKey } from "../App.ts"
import { cache } from "../Folders.ts"
import { type Program, root, type Start, start } from "../Program.ts"
import type { Kafka } from "./Broker.ts"

/** Lanes of the topics: partitions in Kafka's words. */
export const lanes = 4

/** All processes of an installation have the same. */
const masterKey = "5d".repeat(32)

type AppName = "control" | "ingest" | "delivery"

export interface KafkaAppOptions {
  readonly app: AppName
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

const packing = new Map<AppName, Promise<string>>()

const pack = async (app: AppName): Promise<string> => {
  const folder = path.join(cache, `packed-${app}`)
  await rm(folder, { recursive: true, force: true })
  await promisify(execFile)(process.execPath, [path.join(root, "scripts/pack.mjs"), app, folder])
  return path.join(folder, "start")
}

/** Once in a process: the sources may have changed since the last one. */
const packed = (app: AppName) =>
  Effect.promise(() => {
    const present = packing.get(app) ?? pack(app)
    packing.set(app, present)
    return present
  })

/** Serves when it returns; killed when the scope closes. */
export const startKafkaApp = Effect.fn("startKafkaApp")(function*(options: KafkaAppOptions) {
  const { app, core } = options
  const file = yield* packed(app)
  const command: Start["command"] = core === undefined ? [file] : ["taskset", "--cpu-list", `${core}`, file]
  const program = yield* start({ command, env: settingsOf(options) })
  const [, url = ""] = yield* program.seen(/ at (https?:\/\/\S+)/)
  const started: KafkaApp = { program, url }
  return started
})
