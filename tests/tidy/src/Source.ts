/** One source file as the checks see it: its text, its lines with and without comments, its syntax tree. */
import path from "node:path"
import { parseSync, visitorKeys } from "oxc-parser"

/** A node of the ESTree that oxc makes; the checks look at few fields, so the others stay unknown. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

export interface Source {
  /** From the repository's root, with slashes. */
  readonly path: string
  readonly text: string
  readonly lines: ReadonlyArray<string>
  /** As `lines`, with every comment blanked out. */
  readonly code: ReadonlyArray<string>
  readonly comments: ReadonlyArray<Comment>
  readonly program: Node
  /** Every node of the program, parents first. */
  readonly nodes: ReadonlyArray<Node>
  /** The offset at which each line starts. */
  readonly lineStarts: ReadonlyArray<number>
}

export interface Comment {
  readonly line: number
  readonly text: string
}

/** What a check has to say; `line` counts from 1. */
export interface Complaint {
  readonly path: string
  readonly line: number
  readonly rule: string
}

export const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"

export function parse(file: string, text: string): Source {
  const { comments, errors, program } = parseSync(path.basename(file), text)
  const [error] = errors
  if (error !== undefined) throw new Error(`${file} does not parse: ${error.message}`)
  if (!isNode(program)) throw new Error(`${file} has no syntax tree`)
  const blank = (found: string) => found.replaceAll(/[^\n]/g, " ")
  const code = comments.reduce(
    (left, { end, start }) => left.slice(0, start) + blank(left.slice(start, end)) + left.slice(end),
    text
  )
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  const located = comments.map((comment) => ({ line: lineAt(lineStarts, comment.start), text: comment.value }))
  const nodes = collect(program, [])
  const [lines, codeOnly] = [text.split("\n"), code.split("\n")]
  return { path: file, text, lines, code: codeOnly, comments: located, program, nodes, lineStarts }
}

function lineAt(lineStarts: ReadonlyArray<number>, offset: number): number {
  let [low, high] = [0, lineStarts.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((lineStarts[middle] ?? 0) <= offset) low = middle
    else high = middle
  }
  return low + 1
}

/** The line (from 1) that an offset lies on. */
export const lineOf = (source: Source, offset: number): number => lineAt(source.lineStarts, offset)

export const textOf = (source: Source, node: Node): string => source.text.slice(node.start, node.end)

export function children(node: Node): ReadonlyArray<Node> {
  const keys = visitorKeys[node.type] ?? []
  return keys.flatMap((key) => [node[key]].flat()).filter(isNode)
}

function collect(node: Node, into: Array<Node>): ReadonlyArray<Node> {
  into.push(node)
  for (const child of children(node)) collect(child, into)
  return into
}

/** Lines between two offsets that hold more than comments and white space. */
export function codeLines(source: Source, start = 0, end = source.text.length): number {
  const lines = source.code.slice(lineOf(source, start) - 1, lineOf(source, end))
  return lines.filter((line) => line.trim() !== "").length
}
