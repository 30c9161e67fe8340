/**
 * Packs one app into a folder that runs elsewhere: `npm run pack -- APP DIR`. The folder needs nothing but Node 24 of
 * the same platform; it is started with `DIR/start`, or as that file does it. Everything is bundled from source, so
 * that a start loads a few files instead of two thousand (0.3 instead of 1.1 seconds of CPU); only packages that are
 * binaries, or are asked for parts of them at run time, lie beside the bundle.
 */
import fs from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

const apps = ["tailrace", "control", "ingest", "delivery", "cli"]

/** Copied whole, with what they need themselves; and the package of ours that depends on them. */
const besides = {
  "@mongodb-js/zstd": "packages/delivery",
  "@node-rs/crc32": "packages/log-kafka",
  kafkajs: "packages/log-kafka"
}

/** The embedded log's thread is a file of its own, which is looked for beside the one that starts it. */
const thread = { "worker/main": path.join(root, "packages/log-sqlite/src/worker/main.ts") }

class Failure extends Error {}

/**
 * As `scripts/bootstrap.mjs` starts it: a small nursery. Compiled code is kept in the folder where that can be written
 * to. Only the shell itself is needed, no program of the PATH.
 */
const startFile = `#!/bin/sh
# Starts this app, wherever the folder lies, with the Node of the PATH.
here="\${0%/*}"
[ -w "$here" ] && export NODE_COMPILE_CACHE="\${NODE_COMPILE_CACHE:-$here/.compiled}"
exec node --max-semi-space-size=4 --disable-warning=ExperimentalWarning "$here/dist/main.js" "$@"
`

function targetOf([app, folder, ...rest]) {
  if (!apps.includes(app) || folder === undefined || rest.length > 0) {
    throw new Failure(`usage: npm run pack -- ${apps.join("|")} DIR`)
  }
  const target = path.resolve(folder)
  if (fs.existsSync(target) && fs.readdirSync(target).length > 0) throw new Failure(`${target} is not empty`)
  return { app, target }
}

const isBeside = (name) => Object.keys(besides).some((beside) => name === beside || name.startsWith(`${beside}/`))

async function bundle(app, target) {
  const build = await rolldown({
    input: { main: path.join(root, "apps", app, "src/main.ts"), ...thread },
    platform: "node",
    external: isBeside,
    resolve: { conditionNames: ["tailrace-src", "import", "node", "default"] }
  })
  await build.write({ dir: path.join(target, "dist"), format: "esm", chunkFileNames: "[name].js" })
  await build.close()
}

const manifestIn = (folder) => JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"))

/** Where Node finds a package from a folder; undefined where it is not installed, as one for another platform. */
const findPackage = (name, from) =>
  createRequire(path.join(from, "package.json")).resolve.paths(name)
    .map((folder) => path.join(folder, name))
    .find((folder) => fs.existsSync(path.join(folder, "package.json")))

function copyPackage(name, from, target) {
  const found = findPackage(name, from)
  if (found === undefined) return
  const source = fs.realpathSync(found)
  const copy = path.join(target, "node_modules", name)
  if (fs.existsSync(copy)) return
  fs.cpSync(source, copy, { recursive: true, filter: (file) => path.basename(file) !== "node_modules" })
  const { dependencies, optionalDependencies } = manifestIn(source)
  for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) copyPackage(needed, source, target)
}

function describe(app, target) {
  const { description, license, name, version } = manifestIn(path.join(root, "apps", app))
  const manifest = { name, version, private: true, description, license, type: "module" }
  fs.writeFileSync(path.join(target, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`)
  fs.copyFileSync(path.join(root, "LICENSE"), path.join(target, "LICENSE"))
  fs.writeFileSync(path.join(target, "start"), startFile, { mode: 0o755 })
}

try {
  const { app, target } = targetOf(process.argv.slice(2))
  await bundle(app, target)
  for (const [name, owner] of Object.entries(besides)) copyPackage(name, path.join(root, owner), target)
  describe(app, target)
  process.stderr.write(`tailrace: ${target} is ready; start it with ${path.join(target, "start")}\n`)
} catch (error) {
  process.stderr.write(`tailrace: ${error instanceof Failure ? error.message : error.stack}\n`)
  process.exitCode = 1
}
