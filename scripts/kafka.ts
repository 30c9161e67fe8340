/**
 * `npm run kafka -- start|stop|status [--version 4.4.0|3.9.1] [--port 9092] [--brokers 1|2] [--data FOLDER]`: a real
 * Apache Kafka on this machine, for trying Tailrace on it. Needs Java 17 and Maven. Its data stay in
 * `.cache/kafka-data` until that folder is deleted. Not for keeping anything that matters.
 */
import fs from "node:fs"
import path from "node:path"
import { parseArgs } from "node:util"
import { endProcess, isAlive, pidFile, startBroker } from "./kafka/Broker.ts"
import { KafkaFailure, type Version, versions } from "./kafka/Jars.ts"

const usage = "npm run kafka -- start|stop|status [--version 4.4.0|3.9.1] [--port 9092] [--brokers 1|2] [--data FOLDER]"
const cached = path.join(path.dirname(import.meta.dirname), ".cache", "kafka-data")
const measuringJvm = ["-Xms256m", "-Xmx1g"]
const say = (text: string) => process.stdout.write(`${text}\n`)

interface Found {
  readonly folder: string
  readonly pid: number
  readonly address: string
}

const addressIn = (folder: string) =>
  /advertised\.listeners=PLAIN:\/\/([^,\n]+)/.exec(fs.readFileSync(path.join(folder, "server.properties"), "utf8"))

/** Brokers of this folder that run. */
function running(data: string): ReadonlyArray<Found> {
  const folders = ["broker-1", "broker-2"].map((name) => path.join(data, name))
  return folders.filter((folder) => fs.existsSync(pidFile(folder))).flatMap((folder) => {
    const pid = Number(fs.readFileSync(pidFile(folder), "utf8"))
    return isAlive(pid) ? [{ folder, pid, address: addressIn(folder)?.[1] ?? "" }] : []
  })
}

function status(data: string) {
  const brokers = running(data)
  if (brokers.length === 0) say(`no broker runs on ${data}`)
  for (const { address, folder, pid } of brokers) {
    say(`a broker runs at ${address} (process ${pid}, log ${path.join(folder, "broker.log")})`)
  }
  process.exitCode = brokers.length === 0 ? 3 : 0
}

async function stop(data: string) {
  // The second first: only the first can tell it that it may go.
  for (const { address, folder, pid } of running(data).toReversed()) {
    await endProcess(pid)
    fs.rmSync(pidFile(folder), { force: true })
    say(`stopped ${address}`)
  }
}

interface Wanted {
  readonly version: string
  readonly port: string
  readonly brokers: string
}

function versionOf(text: string): Version {
  const version = versions.find((known) => known === text)
  if (version === undefined) throw new KafkaFailure(`version ${text}? there are ${versions.join(" and ")}`)
  return version
}

async function start(data: string, wanted: Wanted) {
  if (running(data).length > 0) return status(data)
  const port = Number(wanted.port)
  if (!Number.isInteger(port) || port < 1 || port > 65_533) throw new KafkaFailure(`no port: ${wanted.port}`)
  if (!["1", "2"].includes(wanted.brokers)) throw new KafkaFailure(`brokers are 1 or 2, not ${wanted.brokers}`)
  await startBroker({
    version: versionOf(wanted.version),
    port,
    dataFolder: data,
    nodes: wanted.brokers === "2" ? 2 : 1,
    jvm: measuringJvm,
    detached: true
  })
  status(data)
}

async function main() {
  const { positionals: [command, ...more], values } = parseArgs({
    allowPositionals: true,
    options: {
      version: { type: "string", default: versions[0] },
      port: { type: "string", default: "9092" },
      brokers: { type: "string", default: "1" },
      data: { type: "string", default: cached }
    }
  })
  const data = path.resolve(values.data)
  if (more.length > 0) throw new KafkaFailure(usage)
  if (command === "start") return await start(data, values)
  if (command === "stop") return await stop(data)
  if (command === "status") return status(data)
  throw new KafkaFailure(usage)
}

main().catch((error: unknown) => {
  const isExpected = error instanceof KafkaFailure || error instanceof TypeError
  process.stderr.write(`${isExpected ? error.message : String(error instanceof Error ? error.stack : error)}\n`)
  process.exitCode = 1
})
