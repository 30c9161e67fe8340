/** Apache Kafka's own jars, from Maven Central into `.cache/`, once. Not for anything but Java 17 and Maven. */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"

export class KafkaFailure extends Error {}

/** The brokers that we test against, and the console and performance tools, which are published on their own. */
export const versions = ["4.4.0", "3.9.1"] as const
export type Version = (typeof versions)[number]

const cache = path.join(path.resolve(import.meta.dirname, "../.."), ".cache")

const copyDependencies = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"

const dependency = ([group, artifact, version]: readonly [string, string, string]) =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>` +
  `<version>${version}</version></dependency>`

const pom = (artifact: string, version: string) =>
  `<project><modelVersion>4.0.0</modelVersion>
<groupId>tailrace</groupId><artifactId>jars</artifactId><version>1</version>
<dependencies>${dependency(["org.apache.kafka", artifact, version])}${
    dependency(["org.slf4j", "slf4j-simple", "1.7.36"])
  }</dependencies></project>
`

export function requireJava() {
  const { error, stderr } = spawnSync("java", ["-version"], { encoding: "utf8" })
  if (error !== undefined) {
    throw new KafkaFailure(`Kafka needs Java 17 or newer, and there is no java: ${error.message}`)
  }
  const [, major = "0"] = /version "(\d+)/.exec(stderr) ?? []
  if (Number(major) < 17) throw new KafkaFailure(`Kafka needs Java 17 or newer, this one is ${stderr.split("\n")[0]}`)
}

function fetchInto(folder: string, artifact: string, version: string) {
  fs.writeFileSync(path.join(folder, "pom.xml"), pom(artifact, version))
  const args = ["-B", "-q", copyDependencies, "-DincludeScope=runtime", `-DoutputDirectory=${folder}`]
  const { error, status, stderr, stdout } = spawnSync("mvn", args, { cwd: folder, encoding: "utf8" })
  if (error !== undefined) throw new KafkaFailure(`Kafka's jars come by Maven, and there is no mvn: ${error.message}`)
  if (status === 0) return
  const reason = `${stdout}${stderr}`.split("\n").find((line) => line.startsWith("[ERROR]")) ?? `exit code ${status}`
  throw new KafkaFailure(`Maven could not fetch ${artifact} ${version}: ${reason}`)
}

/** Safe to run several times at once: each run fetches for itself, and the rename decides. */
function provide(name: string, artifact: string, version: string): string {
  const home = path.join(cache, `${name}-${version}`)
  if (fs.existsSync(home)) return home
  fs.mkdirSync(cache, { recursive: true })
  const staging = fs.mkdtempSync(path.join(cache, `${name}-fetching-`))
  try {
    fetchInto(staging, artifact, version)
    fs.renameSync(staging, home)
  } catch (error) {
    // Another run was faster: its jars are as good.
    fs.rmSync(staging, { recursive: true, force: true })
    if (!fs.existsSync(home)) throw error
  }
  return home
}

/** Folder of the broker's jars; the Java client is among them. */
export const brokerJars = (version: Version): string => provide("kafka", "kafka_2.13", version)

/** Folder of the console producer and consumer and of the performance tools, with all that they need. */
export const toolJars = (): string => provide("kafka-tools", "kafka-tools", "4.3.1")
