/** Which package may know which: the arrows of ARCHITECTURE.md, over manifests and over import statements. */
import { type Complaint, isNode, lineOf, type Node, type Source } from "./Source.ts"

/** Arrows point from a later row to an earlier one. */
const rows: ReadonlyArray<ReadonlyArray<string>> = [
  ["domain"],
  ["log", "api"],
  ["log-sqlite", "log-kafka", "event-store", "destinations"],
  ["control", "ingest", "delivery"],
  ["process"]
]

/** Stands beside the rows: it knows none of them, and only what runs or tests the whole knows it. */
const aside = "s3-server"

/** An app may start another one; there is one such pair. */
const appArrows: ReadonlyArray<readonly [from: string, to: string]> = [["apps/cli", "tailrace"]]

export interface Manifest {
  /** The package's folder: `packages/log`. */
  readonly folder: string
  readonly dependencies: ReadonlyArray<string>
  /** Entry points beside the main one: `./contract`. */
  readonly entries: ReadonlyArray<string>
}

const rowOf = (name: string): number => rows.findIndex((row) => row.includes(name))

/** May the package in `folder` know `@tailrace/<name>`? */
export function mayKnow(folder: string, name: string): boolean {
  if (folder.startsWith("tests/")) return true
  if (folder.startsWith("apps/")) return rowOf(name) >= 0 || name === aside || appArrows.some(isArrow(folder, name))
  const own = folder.replace("packages/", "")
  return own !== aside && rowOf(name) >= 0 && rowOf(name) < rowOf(own)
}

const isArrow = (folder: string, name: string) => ([from, to]: readonly [string, string]): boolean =>
  from === folder && to === name

/** Apps named like a package have another name as a package of the workspace. */
const nameOf = (folder: string): string => {
  const [kind = "", name = ""] = folder.split("/")
  return kind === "apps" && rowOf(name) >= 0 ? `app-${name}` : name
}

const workspaceName = (specifier: string): string | undefined => /^@tailrace\/([^/]+)/.exec(specifier)?.[1]

export const manifestArrows = (manifest: Manifest): ReadonlyArray<Complaint> =>
  manifest.dependencies.flatMap((dependency) => {
    const name = workspaceName(dependency)
    const path = `${manifest.folder}/package.json`
    if (name === undefined || mayKnow(manifest.folder, name)) return []
    return [{ path, line: 1, rule: `${manifest.folder} may not depend on ${dependency}` }]
  })

const importTypes = new Set(["ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration", "ImportExpression"])

interface Import {
  readonly specifier: string
  readonly line: number
  readonly node: Node
}

function importsOf(source: Source): ReadonlyArray<Import> {
  return source.nodes.filter((node) => importTypes.has(node.type)).flatMap((node) => {
    const from = node["source"]
    if (!isNode(from) || typeof from["value"] !== "string") return []
    return [{ specifier: from["value"], line: lineOf(source, node.start), node }]
  })
}

const folderOf = (path: string): string => path.split("/").slice(0, 2).join("/")

/**
 * Files at a package's root (its vitest.config.ts) share settings with the others; its code does not reach out, except
 * for the tests of the scripts, which are no package.
 */
function leavesPackage(path: string, specifier: string): boolean {
  if (path.startsWith("tests/") && /^(\.\.\/)+scripts\//.test(specifier)) return false
  const depth = path.split("/").length - 3
  const up = specifier.split("/").filter((part) => part === "..").length
  return depth > 0 && up > depth
}

export interface Importing {
  readonly source: Source
  readonly manifests: ReadonlyArray<Manifest>
}

export function importArrows({ manifests, source }: Importing): ReadonlyArray<Complaint> {
  const folder = folderOf(source.path)
  if (!manifests.some((manifest) => manifest.folder === folder)) return []
  return importsOf(source).flatMap(({ line, specifier }) => {
    const rule = faultOf({ folder, manifests, path: source.path, specifier })
    return rule === undefined ? [] : [{ path: source.path, line, rule }]
  })
}

interface Question {
  readonly folder: string
  readonly manifests: ReadonlyArray<Manifest>
  readonly path: string
  readonly specifier: string
}

function faultOf({ folder, manifests, path, specifier }: Question): string | undefined {
  if (leavesPackage(path, specifier)) return `"${specifier}" leaves the package; import it by its name`
  const name = workspaceName(specifier)
  if (name === undefined) return undefined
  const self = nameOf(folder) === name
  if (self && !path.includes("/test/")) return `"${specifier}" is this package; import the file`
  if (!self && !mayKnow(folder, name)) return `${folder} may not know "${specifier}"`
  const entry = specifier.replace(`@tailrace/${name}`, ".")
  const entries = manifests.find((manifest) => nameOf(manifest.folder) === name)?.entries ?? []
  return entries.includes(entry) ? undefined : `"${specifier}" is not an entry point of ${name}`
}

const stableSubpaths = /^effect\/(testing\/|encoding\/(Base64|Hex)$)/
const unstableModules = new Set([
  "LayerMap",
  "LayerRef",
  "ByteSize",
  "FileSystem",
  "Path",
  "Arbitrary",
  "ExecutionPlan",
  "Glob"
])

/** The rules of the domain outlive a minor version of Effect. */
export function unstableEffect(source: Source): ReadonlyArray<Complaint> {
  if (!source.path.startsWith("packages/domain/src/")) return []
  return importsOf(source).filter(({ node, specifier }) =>
    (specifier.startsWith("effect/") && !stableSubpaths.test(specifier) && !isStableModule(specifier)) ||
    (specifier === "effect" && importedNames(node).some((name) => unstableModules.has(name)))
  ).map(({ line, specifier }) => ({ path: source.path, line, rule: `an unstable module of Effect: "${specifier}"` }))
}

function isStableModule(specifier: string): boolean {
  const name = specifier.slice("effect/".length)
  return /^[A-Z]\w*$/.test(name) && !unstableModules.has(name)
}

function importedNames(node: Node): ReadonlyArray<string> {
  const names = [node["specifiers"]].flat().filter(isNode).map((specifier) => specifier["imported"])
  return names.filter(isNode).flatMap((imported) => typeof imported["name"] === "string" ? [imported["name"]] : [])
}
