/**
 * Real Kafka brokers as processes of this machine: started, killed, restarted. Not for anything that must be kept.
 *
 * @example
 * const cluster = await startBroker({ dataFolder: folder })
 * await cluster.brokers[0].restart()
 * await cluster.stop()
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs"
import { createServer } from "node:net"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { brokerJars, KafkaFailure, requireJava, type Version } from "./Jars.ts"
import { type Layout, type Listener, type Node, serverProperties } from "./Properties.ts"

export interface BrokerOptions {
  /** Default: 4.4.0. */
  readonly version?: Version
  /** Of the first broker; its controller has the one after, the second broker the one after that. Default: any. */
  readonly port?: number
  /** Kept as it is when there is a cluster in it already. */
  readonly dataFolder: string
  /** Brokers of the cluster. Default: 1. Killing the first takes the controller with it. */
  readonly nodes?: 1 | 2
  /** More for `server.properties`, or instead of what is set. */
  readonly properties?: Readonly<Record<string, string>>
  /** More ways in, by name in capital letters; on the first broker only. */
  readonly listeners?: Readonly<Record<string, Omit<Listener, "port"> & { readonly port?: number }>>
  /** More for `kafka-storage format`: `["--add-scram", "SCRAM-SHA-256=[name=alice,password=secret]"]`. */
  readonly format?: ReadonlyArray<string>
  /** Default: quick to start and small; without the optimizing compiler, so not for measuring. */
  readonly jvm?: ReadonlyArray<string>
  /** The brokers outlive this process. Default: they end with it, however it ends. */
  readonly detached?: boolean
}

/** One process. */
export interface Broker {
  readonly id: number
  /** `host:port` of the plain listener. */
  readonly address: string
  readonly logFile: string
  /** 0 while it does not run. */
  readonly pid: number
  /** SIGTERM, and SIGKILL ten seconds later. */
  stop(): Promise<void>
  kill(): Promise<void>
  /** Starts it again on its data and its ports, after stopping it if it runs; returns when it serves. */
  restart(): Promise<void>
}

export interface Cluster {
  /** `host:port` of each broker's plain listener, separated by commas. */
  readonly bootstrap: string
  /** `host:port` by the name of the listener. */
  readonly addresses: Readonly<Record<string, string>>
  readonly brokers: readonly [Broker, ...ReadonlyArray<Broker>]
  stop(): Promise<void>
  kill(): Promise<void>
  restart(): Promise<void>
}

export const smallJvm = ["-Xms128m", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"]

const readySeconds = 120
const stopSeconds = 10

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  return address === null || typeof address === "string" ? 0 : address.port
}

export const isAlive = (pid: number): boolean => {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch {
    return false
  }
}

function signal(pid: number, name: NodeJS.Signals) {
  if (isAlive(pid)) process.kill(pid, name)
}

/** True when it has ended within the time. */
async function ended(pid: number, seconds: number): Promise<boolean> {
  for (let waited = 0; waited < seconds * 1_000; waited += 50) {
    if (!isAlive(pid)) return true
    await sleep(50)
  }
  return !isAlive(pid)
}

/** SIGTERM, and SIGKILL when that does not help. */
export async function endProcess(pid: number) {
  signal(pid, "SIGTERM")
  if (await ended(pid, stopSeconds)) return
  signal(pid, "SIGKILL")
  if (!await ended(pid, stopSeconds)) throw new KafkaFailure(`process ${pid} does not end`)
}

const lastLines = (file: string, count: number): string =>
  fs.existsSync(file) ? fs.readFileSync(file, "utf8").trimEnd().split("\n").slice(-count).join("\n") : "(no log)"

const clusterId = "dGFpbHJhY2UtdGVzdHMtMQ"

function format(node: Node, jars: string, more: ReadonlyArray<string>) {
  const settings = path.join(node.folder, "server.properties")
  if (fs.existsSync(path.join(node.folder, "log", "meta.properties"))) return
  const args = [
    "format",
    "--ignore-formatted",
    ...node.id === 1 ? ["--standalone"] : [],
    "-t",
    clusterId,
    "-c",
    settings
  ]
  const command = [...smallJvm, "-cp", `${jars}/*`, "kafka.tools.StorageTool", ...args, ...more]
  const { status, stderr, stdout } = spawnSync("java", command, { encoding: "utf8" })
  if (status !== 0) throw new KafkaFailure(`Kafka could not format its folder:\n${stdout}${stderr}`)
}

/**
 * Says the broker's process id, and ends it when our end of the pipe closes: so it cannot outlive us, not even when
 * we are killed.
 */
const guard = `exec 3<&0
"$@" >>"$TAILRACE_BROKER_LOG" 2>&1 </dev/null 3<&- &
broker=$!
echo $broker
( read -r _ <&3; kill -9 $broker ) >/dev/null 2>&1 &
exec 3<&- </dev/null >/dev/null
wait $broker`

async function launchGuarded(command: ReadonlyArray<string>, logFile: string): Promise<number> {
  const env = { ...process.env, TAILRACE_BROKER_LOG: logFile }
  const child: ChildProcess = spawn("sh", ["-c", guard, "sh", ...command], { env, stdio: ["pipe", "pipe", "ignore"] })
  // The pipe stays open for as long as we live, but is no reason to live.
  child.unref()
  const [first] = child.stdout === null ? [""] : await once(child.stdout, "data")
  child.stdout?.destroy()
  return Number(String(first).trim())
}

function launchDetached([program = "", ...args]: ReadonlyArray<string>, logFile: string): number {
  const log = fs.openSync(logFile, "a")
  const child = spawn(program, args, { detached: true, stdio: ["ignore", log, log] })
  child.unref()
  fs.closeSync(log)
  return child.pid ?? 0
}

async function waitUntilReady(pid: number, logFile: string, from: number) {
  for (let waited = 0; waited < readySeconds * 1_000; waited += 50) {
    await sleep(50)
    if (fs.readFileSync(logFile).subarray(from).includes("Kafka Server started")) return
    if (!isAlive(pid)) throw new KafkaFailure(`the broker ended at once; its log ends with\n${lastLines(logFile, 20)}`)
  }
  signal(pid, "SIGKILL")
  throw new KafkaFailure(
    `the broker was not ready within ${readySeconds} s; its log ends with\n${lastLines(logFile, 20)}`
  )
}

/** Where a broker's process id stands, for who did not start it. */
export const pidFile = (folder: string): string => path.join(folder, "pid")

class BrokerProcess implements Broker {
  readonly id: number
  readonly address: string
  readonly logFile: string
  private current = 0
  private readonly node: Node
  private readonly command: ReadonlyArray<string>
  private readonly isDetached: boolean

  constructor(node: Node, jars: string, { detached = false, jvm = smallJvm }: BrokerOptions) {
    this.id = node.id
    this.node = node
    this.address = `127.0.0.1:${node.port}`
    this.logFile = path.join(node.folder, "broker.log")
    this.isDetached = detached
    const logging = [
      "-Dorg.slf4j.simpleLogger.showDateTime=true",
      "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS"
    ]
    const settings = path.join(node.folder, "server.properties")
    this.command = ["java", ...jvm, ...logging, "-cp", `${jars}/*`, "kafka.Kafka", settings]
  }

  get pid(): number {
    return isAlive(this.current) ? this.current : 0
  }

  async restart() {
    await this.stop()
    fs.appendFileSync(this.logFile, "")
    const from = fs.statSync(this.logFile).size
    const launch = this.isDetached ? launchDetached : launchGuarded
    this.current = await launch(this.command, this.logFile)
    fs.writeFileSync(pidFile(this.node.folder), String(this.current))
    await waitUntilReady(this.current, this.logFile, from)
  }

  async stop() {
    await endProcess(this.current)
    fs.rmSync(pidFile(this.node.folder), { force: true })
  }

  async kill() {
    signal(this.current, "SIGKILL")
    await ended(this.current, stopSeconds)
    fs.rmSync(pidFile(this.node.folder), { force: true })
  }
}

async function listenersOf({ listeners = {} }: BrokerOptions): Promise<Record<string, Listener>> {
  const all: Record<string, Listener> = {}
  for (const [name, listener] of Object.entries(listeners)) {
    all[name] = { ...listener, port: listener.port ?? await freePort() }
  }
  return all
}

async function nodesOf(options: BrokerOptions): Promise<ReadonlyArray<Node>> {
  const { dataFolder, nodes = 1, port } = options
  const first: Node = {
    id: 1,
    port: port ?? await freePort(),
    folder: path.join(dataFolder, "broker-1"),
    listeners: await listenersOf(options)
  }
  if (nodes === 1) return [first]
  const second = port === undefined ? await freePort() : port + 2
  return [first, { id: 2, port: second, folder: path.join(dataFolder, "broker-2"), listeners: {} }]
}

function prepare(node: Node, layout: Layout, { jars, more }: { jars: string; more: ReadonlyArray<string> }) {
  fs.mkdirSync(node.folder, { recursive: true })
  fs.writeFileSync(path.join(node.folder, "server.properties"), serverProperties(node, layout))
  format(node, jars, more)
}

const all = async (brokers: ReadonlyArray<Broker>, act: (broker: Broker) => Promise<void>) => {
  await Promise.all(brokers.map(act))
}

/** The last first: only the first, which is the controller, can tell another that it may go. */
async function stopAll(brokers: ReadonlyArray<Broker>) {
  for (const broker of brokers.toReversed()) await broker.stop()
}

/** Returns when every broker serves; a `KafkaFailure` says in one line, or with the log's end, why one does not. */
export async function startBroker(options: BrokerOptions): Promise<Cluster> {
  requireJava()
  const { format: more = [], port, properties = {}, version = "4.4.0" } = options
  const jars = brokerJars(version)
  const nodes = await nodesOf(options)
  const controllerPort = port === undefined ? await freePort() : port + 1
  for (const node of nodes) prepare(node, { controllerPort, brokers: nodes.length, properties }, { jars, more })
  const [first, ...rest] = nodes.map((node) => new BrokerProcess(node, jars, options))
  if (first === undefined) throw new KafkaFailure("a cluster has at least one broker")
  const brokers = [first, ...rest] as const
  try {
    await all(brokers, (broker) => broker.restart())
  } catch (error) {
    await all(brokers, (broker) => broker.kill())
    throw error
  }
  const listeners = Object.entries(nodes[0]?.listeners ?? {})
  return {
    bootstrap: brokers.map(({ address }) => address).join(","),
    addresses: Object.fromEntries([
      ["PLAIN", first.address],
      ...listeners.map(([name, { advertised, port }]) => [name, advertised ?? `127.0.0.1:${port}`])
    ]),
    brokers,
    stop: () => stopAll(brokers),
    kill: () => all(brokers, (broker) => broker.kill()),
    restart: async () => {
      await stopAll(brokers)
      await all(brokers, (broker) => broker.restart())
    }
  }
}
