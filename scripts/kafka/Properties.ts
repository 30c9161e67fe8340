/** What a broker for tests and for trying is told. Not a model for a cluster that keeps anything. */
import path from "node:path"

/** One more way in, besides the plain one. */
export interface Listener {
  readonly port: number
  /** `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`. */
  readonly protocol: string
  /** What clients are told to connect to, if it is not the port (a proxy); `host:port`. */
  readonly advertised?: string
}

/** One broker of a cluster; the first is its controller as well. */
export interface Node {
  readonly id: number
  readonly port: number
  readonly folder: string
  /** By name in capital letters. */
  readonly listeners: Readonly<Record<string, Listener>>
}

export interface Layout {
  readonly controllerPort: number
  readonly brokers: number
  /** Of the caller: they win. */
  readonly properties: Readonly<Record<string, string>>
}

const here = "127.0.0.1"

/** Quick to start, to rebalance and to forget: what a production broker does in minutes shall happen within a test. */
const hasty = {
  "group.initial.rebalance.delay.ms": 0,
  "group.min.session.timeout.ms": 1_000,
  "offsets.topic.num.partitions": 4,
  "transaction.state.log.num.partitions": 4,
  "transaction.state.log.min.isr": 1,
  "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1_000,
  "log.retention.check.interval.ms": 1_000,
  "log.initial.task.delay.ms": 1_000,
  "log.segment.delete.delay.ms": 500,
  "log.cleaner.backoff.ms": 500,
  "log.cleaner.dedupe.buffer.size": 8_388_608,
  "log.cleaner.threads": 1,
  "replica.lag.time.max.ms": 3_000,
  "broker.session.timeout.ms": 4_000,
  "broker.heartbeat.interval.ms": 500,
  "controlled.shutdown.enable": true,
  "num.network.threads": 2,
  "num.io.threads": 4,
  "num.recovery.threads.per.data.dir": 2,
  "auto.create.topics.enable": false
}

/** The text of `server.properties`. */
export function serverProperties(node: Node, { brokers, controllerPort, properties }: Layout): string {
  const ways: ReadonlyArray<readonly [string, Listener]> = [
    ["PLAIN", { port: node.port, protocol: "PLAINTEXT" }],
    ...Object.entries(node.listeners)
  ]
  const isController = node.id === 1
  const listeners = ways.map(([name, { port }]) => `${name}://${here}:${port}`)
  const all = {
    "process.roles": isController ? "broker,controller" : "broker",
    "node.id": node.id,
    "controller.quorum.bootstrap.servers": `${here}:${controllerPort}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAIN",
    listeners: [...listeners, ...isController ? [`CONTROLLER://${here}:${controllerPort}`] : []].join(","),
    "advertised.listeners": ways
      .map(([name, { advertised, port }]) => `${name}://${advertised ?? `${here}:${port}`}`)
      .join(","),
    "listener.security.protocol.map": [
      ...ways.map(([name, { protocol }]) => `${name}:${protocol}`),
      "CONTROLLER:PLAINTEXT"
    ].join(","),
    "log.dirs": path.join(node.folder, "log"),
    "offsets.topic.replication.factor": brokers,
    "transaction.state.log.replication.factor": brokers,
    "default.replication.factor": brokers,
    ...hasty,
    ...properties
  }
  return `${Object.entries(all).map(([key, value]) => `${key}=${value}`).join("\n")}\n`
}
