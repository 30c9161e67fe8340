/** `npm run kafka` where something is missing, and what it tells a broker. No network, no Java: both are played. */
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { serverProperties } from "../../../scripts/kafka/Properties.ts"

const root = path.resolve(import.meta.dirname, "../../..")
let checkout = ""

beforeEach(() => {
  checkout = fs.mkdtempSync(path.join(os.tmpdir(), "tailrace-kafka-script-"))
  fs.cpSync(path.join(root, "scripts/kafka"), path.join(checkout, "scripts/kafka"), { recursive: true })
  fs.cpSync(path.join(root, "scripts/kafka.ts"), path.join(checkout, "scripts/kafka.ts"))
  fs.writeFileSync(path.join(checkout, "package.json"), JSON.stringify({ type: "module" }))
  fs.mkdirSync(path.join(checkout, "bin"))
  for (const name of ["mkdir", "sh", "sleep", "touch"]) link(name)
})

afterEach(() => fs.rmSync(checkout, { recursive: true, force: true }))

/** The machine's own, so that the programs we play need no other folder. */
function link(name: string) {
  const found = ["/bin", "/usr/bin"].map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file))
  if (found !== undefined) fs.symlinkSync(found, path.join(checkout, "bin", name))
}

function play(name: string, script: string) {
  fs.writeFileSync(path.join(checkout, "bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

const java17 = "echo 'openjdk version \"17.0.1\"' >&2"

const command = (args: ReadonlyArray<string>) =>
  [process.execPath, [path.join(checkout, "scripts/kafka.ts"), ...args], {
    env: { PATH: path.join(checkout, "bin") },
    encoding: "utf8"
  }] as const

const run = (...args: ReadonlyArray<string>) => spawnSync(...command(args))

describe("npm run kafka", () => {
  it("without Java, or with an old one, one line says what is needed", () => {
    const none = run("start")
    assert.strictEqual(none.status, 1)
    assert.match(none.stderr, /^Kafka needs Java 17 or newer, and there is no java: .*\n$/)
    play("java", "echo 'openjdk version \"11.0.2\"' >&2")
    assert.match(run("start").stderr, /^Kafka needs Java 17 or newer, this one is openjdk version "11\.0\.2"\n$/)
  })

  it("without Maven, or with one that cannot fetch, one line says so and nothing half fetched stays", () => {
    play("java", java17)
    assert.match(run("start").stderr, /^Kafka's jars come by Maven, and there is no mvn: .*\n$/)
    play("mvn", "echo '[ERROR] no route to Maven Central'; exit 1")
    assert.match(run("start").stderr, /^Maven could not fetch kafka_2\.13 4\.4\.0: \[ERROR\] no route .*\n$/)
    assert.deepStrictEqual(fs.readdirSync(path.join(checkout, ".cache")), [])
  })

  it("two first starts at once both have the jars", async () => {
    play("java", java17)
    play("mvn", "for arg; do case $arg in -DoutputDirectory=*) touch \"${arg#*=}/kafka.jar\";; esac; done; sleep 0.5")
    const children = [1, 2].map(() => spawn(...command(["start", "--port", "29000"])))
    await Promise.all(children.map((child) => once(child, "exit")))
    const cached = fs.readdirSync(path.join(checkout, ".cache")).filter((name) => name !== "kafka-data")
    assert.deepStrictEqual(cached, ["kafka-4.4.0"])
    assert.include(fs.readdirSync(path.join(checkout, ".cache/kafka-4.4.0")), "kafka.jar")
  })

  it("says where it does not run, and what it can be told", () => {
    assert.match(run("status").stdout, /^no broker runs on /)
    assert.strictEqual(run("status").status, 3)
    assert.strictEqual(run("stop").status, 0)
    assert.match(run("begin").stderr, /^npm run kafka -- start\|stop\|status/)
    assert.match(run("start", "--version", "2.8.0").stderr, /^version 2\.8\.0\? there are 4\.4\.0 and 3\.9\.1\n$/)
    assert.match(run("start", "--port", "x").stderr, /^no port: x\n$/)
    assert.match(run("start", "--brokers", "3").stderr, /^brokers are 1 or 2, not 3\n$/)
  })
})

describe("server.properties", () => {
  const layout = { controllerPort: 2, brokers: 2, properties: { "group.min.session.timeout.ms": "7" } }
  const listeners = { PROXIED: { port: 4, protocol: "SASL_SSL", advertised: "localhost:5" } }
  const lines = (id: number) => serverProperties({ id, port: 3, folder: "/data", listeners }, layout).split("\n")

  it("the first broker is the controller, the second is not", () => {
    assert.includeMembers(lines(1), [
      "process.roles=broker,controller",
      "listeners=PLAIN://127.0.0.1:3,PROXIED://127.0.0.1:4,CONTROLLER://127.0.0.1:2"
    ])
    assert.includeMembers(lines(2), ["process.roles=broker", "listeners=PLAIN://127.0.0.1:3,PROXIED://127.0.0.1:4"])
  })

  it("clients are told the address of a proxy, and the caller's settings win", () => {
    assert.includeMembers(lines(1), [
      "advertised.listeners=PLAIN://127.0.0.1:3,PROXIED://localhost:5",
      "listener.security.protocol.map=PLAIN:PLAINTEXT,PROXIED:SASL_SSL,CONTROLLER:PLAINTEXT",
      "group.min.session.timeout.ms=7",
      "offsets.topic.replication.factor=2"
    ])
  })
})
