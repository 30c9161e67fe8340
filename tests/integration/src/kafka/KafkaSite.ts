/**
 * A real Kafka cluster for the tests of a file: started before them, ended after them (and with this process, however
 * it ends), with a proxy before the first broker and somebody else's client to administrate it.
 *
 * @example
 * const site = useKafka({ version: "4.4.0" })
 * it.live("…", () => Effect.flatMap(openLog(site()), …))
 */
import { Effect, Exit, Scope } from "effect"
import { type Admin, Kafka, logLevel } from "kafkajs"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll } from "vitest"
import { type BrokerOptions, type Cluster, startBroker } from "../../../../scripts/kafka/Broker.ts"
import { type KafkaProxy, kafkaProxy } from "./KafkaProxy.ts"

export interface KafkaSite {
  readonly cluster: Cluster
  /** Of every broker, past the proxy. */
  readonly brokers: ReadonlyArray<string>
  /** Address of the proxy before the first broker. */
  readonly proxied: string
  readonly proxy: KafkaProxy
  readonly kafka: Kafka
  readonly admin: Admin
  /** A prefix of topics that nobody has used. */
  readonly freshPrefix: () => string
}

/** Fetching the jars the first time included. */
const startMillis = 240_000

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  return address === null || typeof address === "string" ? 0 : address.port
}

/** Their client says nothing, and gives up soon. */
const otherClient = (brokers: ReadonlyArray<string>) =>
  new Kafka({ clientId: "somebody-else", brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 8 } })

async function start(folder: string, scope: Scope.Closeable, options: SiteOptions): Promise<KafkaSite> {
  const [front, back] = [await freePort(), await freePort()]
  const proxied = `127.0.0.1:${front}`
  const listeners = { PROXIED: { protocol: "PLAINTEXT", port: back, advertised: proxied }, ...options.listeners }
  const proxy = await Effect.runPromise(Scope.provide(kafkaProxy(front, back), scope))
  const cluster = await startBroker({ ...options, dataFolder: folder, listeners })
  const brokers = cluster.brokers.map(({ address }) => address)
  const kafka = otherClient(brokers)
  const admin = kafka.admin()
  await admin.connect()
  let prefixes = 0
  return { cluster, brokers, proxied, proxy, kafka, admin, freshPrefix: () => `test${++prefixes}` }
}

export type SiteOptions = Omit<BrokerOptions, "dataFolder" | "port" | "detached">

/** Registers the start and the end with the test runner; what it answers may be called from within tests. */
export const useKafka = (options: SiteOptions = {}): () => KafkaSite => {
  const scope = Scope.makeUnsafe()
  let folder = ""
  let site: KafkaSite | undefined
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "tailrace-kafka-"))
    site = await start(folder, scope, options)
  }, startMillis)
  afterAll(async () => {
    await site?.admin.disconnect()
    await site?.cluster.kill()
    await Effect.runPromise(Scope.close(scope, Exit.void))
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  })
  return () => {
    if (site === undefined) throw new Error("the broker is there while tests run")
    return site
  }
}
