/** Ways around the type checker: `any`, `as` (but not `as const`), `!`. Rare, and each with its reason above it. */
import { codeLines, type Complaint, isNode, lineOf, type Node, type Source, textOf } from "./Source.ts"

/** At most so many per thousand code lines of the whole repository. */
export const escapesPerThousand = 1

const names: Readonly<Record<string, string>> = {
  TSAnyKeyword: "any",
  TSAsExpression: "as",
  TSTypeAssertion: "<type>",
  TSNonNullExpression: "!"
}

function isEscape(source: Source, node: Node): boolean {
  if (!(node.type in names)) return false
  const to = node["typeAnnotation"]
  return !(isNode(to) && textOf(source, to) === "const")
}

const escapesOf = (source: Source): ReadonlyArray<Node> => source.nodes.filter((node) => isEscape(source, node))

const isComment = (line: string | undefined): boolean => /^(\/\/|\/?\*)/.test(line?.trim() ?? "")

/** A long expression may have its reason above its first or above its last line. */
function hasReason(source: Source, node: Node): boolean {
  const above = [node.start, node.end].map((offset) => source.lines[lineOf(source, offset) - 2])
  return above.some(isComment)
}

export const unexplainedEscapes = (source: Source): ReadonlyArray<Complaint> =>
  escapesOf(source).filter((node) => !hasReason(source, node)).map((node) => ({
    path: source.path,
    line: lineOf(source, node.end),
    rule: `\`${names[node.type]}\` without its reason on the line above`
  }))

export function escapeRate(sources: ReadonlyArray<Source>): ReadonlyArray<Complaint> {
  const found = sources.flatMap((source) => escapesOf(source).map((node) => ({ source, node })))
  const lines = sources.reduce((sum, source) => sum + codeLines(source), 0)
  if (found.length * 1_000 <= lines * escapesPerThousand) return []
  return found.map(({ node, source }) => ({
    path: source.path,
    line: lineOf(source, node.end),
    rule:
      `one of ${found.length} ways around the type checker in ${lines} lines, at most ${escapesPerThousand} per 1,000`
  }))
}
