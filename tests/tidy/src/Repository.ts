/** The files of this repository, for the checks. It walks folders, so that it works without git as well. */
import fs from "node:fs"
import path from "node:path"
import type { Manifest } from "./Arrows.ts"
import { parse, type Source } from "./Source.ts"

export const root = path.resolve(import.meta.dirname, "../../..")

const ignored = new Set([".cache", ".git", ".turbo", "build", "dist", "fixtures", "node_modules"])
const isIgnored = (file: string, name: string) => ignored.has(name) || file === "data" || file.startsWith(".toolchain")

export function files(folder = ""): ReadonlyArray<string> {
  return fs.readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name)
    if (isIgnored(file, entry.name)) return []
    return entry.isDirectory() ? files(file) : entry.isFile() ? [file] : []
  })
}

export const read = (file: string): string => fs.readFileSync(path.join(root, file), "utf8")

export const sources = (): ReadonlyArray<Source> =>
  files().filter((file) => /\.(m?ts|tsx|m?js)$/.test(file)).map((file) => parse(file, read(file)))

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const keys = (value: unknown): ReadonlyArray<string> => isRecord(value) ? Object.keys(value) : []

/** The package.json files of the workspace. */
export const manifests = (): ReadonlyArray<Manifest> =>
  files().filter((file) => /^(packages|apps|tests)\/[^/]+\/package\.json$/.test(file)).map((file) => {
    const content: unknown = JSON.parse(read(file))
    const field = (name: string) => isRecord(content) ? keys(content[name]) : []
    const dependencies = [...field("dependencies"), ...field("devDependencies")]
    return { folder: path.posix.dirname(file), dependencies, entries: field("exports") }
  })
