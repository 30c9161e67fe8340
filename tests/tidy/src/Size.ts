/** The limits of CONTRIBUTING.md on files and functions. The numbers are hard limits; the targets are far below. */
import { children, codeLines, type Complaint, isNode, lineOf, type Node, type Source, textOf } from "./Source.ts"

export const limits = {
  fileLines: 250,
  mainLines: 50,
  functionLines: 70,
  nesting: 4,
  parameters: 3,
  lineLength: 120
} as const

const functionTypes = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"])
const signatureTypes = new Set(["TSFunctionType", "TSMethodSignature", "TSDeclareFunction"])
const controlTypes = new Set([
  "IfStatement",
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "WhileStatement",
  "DoWhileStatement",
  "SwitchStatement",
  "TryStatement"
])

const isFunction = (node: Node): boolean => functionTypes.has(node.type)

export function fileLength(source: Source): ReadonlyArray<Complaint> {
  const limit = source.path.endsWith("/src/main.ts") ? limits.mainLines : limits.fileLines
  const lines = codeLines(source)
  return lines <= limit ? [] : [{ path: source.path, line: 1, rule: `${lines} code lines, at most ${limit}` }]
}

/** An address cannot be broken, so it may be longer. */
export const lineLength = (source: Source): ReadonlyArray<Complaint> =>
  source.lines.flatMap((line, index) =>
    line.length <= limits.lineLength || /https?:\/\//.test(line)
      ? []
      : [{ path: source.path, line: index + 1, rule: `${line.length} characters, at most ${limits.lineLength}` }]
  )

/** The bodies of `describe` and `layer` are lists of tests, not functions that anyone has to keep in mind. */
function suites(source: Source): ReadonlySet<Node> {
  const calls = source.nodes.filter((node) => node.type === "CallExpression")
  const isSuite = ({ callee }: Node) =>
    isNode(callee) && /^(describe|layer|it\.layer|suite)\b/.test(textOf(source, callee))
  return new Set(calls.filter(isSuite).flatMap((call) => [call["arguments"]].flat()).filter(isNode).filter(isFunction))
}

export function functionLength(source: Source): ReadonlyArray<Complaint> {
  const exempt = suites(source)
  return source.nodes.flatMap((node) => {
    if (!isFunction(node) || exempt.has(node) || !isNode(node["body"])) return []
    const lines = codeLines(source, node["body"].start, node["body"].end)
    const rule = `a function of ${lines} code lines, at most ${limits.functionLines}`
    return lines <= limits.functionLines ? [] : [{ path: source.path, line: lineOf(source, node.start), rule }]
  })
}

export function parameters(source: Source): ReadonlyArray<Complaint> {
  return source.nodes.flatMap((node) => {
    if (!isFunction(node) && !signatureTypes.has(node.type)) return []
    const count = [node["params"]].flat().filter(isNode).length
    const rule = `${count} parameters, at most ${limits.parameters}; beyond that one options object`
    return count <= limits.parameters ? [] : [{ path: source.path, line: lineOf(source, node.start), rule }]
  })
}

/** A generator inside a generator is as deep to read as a loop inside a loop; an arrow with an expression is not. */
const deepens = (node: Node): boolean =>
  controlTypes.has(node.type) || (isFunction(node) && isNode(node["body"]) && node["body"].type === "BlockStatement")

function depth(node: Node, parent?: Node): number {
  const elseIf = node.type === "IfStatement" && parent?.type === "IfStatement" && parent["alternate"] === node
  const own = deepens(node) && !elseIf ? 1 : 0
  return own + Math.max(0, ...children(node).map((child) => depth(child, node)))
}

/** Outermost functions only, so that one deep place is one complaint. */
function* outermost(node: Node, exempt: ReadonlySet<Node>): Generator<Node> {
  if (isFunction(node) && !exempt.has(node)) {
    yield node
    return
  }
  for (const child of children(node)) yield* outermost(child, exempt)
}

export const nesting = (source: Source): ReadonlyArray<Complaint> =>
  [...outermost(source.program, suites(source))].flatMap((node) => {
    const found = isNode(node["body"]) ? Math.max(0, ...children(node).map((child) => depth(child, node))) : 0
    const rule = `nested ${found} deep, at most ${limits.nesting}`
    return found <= limits.nesting ? [] : [{ path: source.path, line: lineOf(source, node.start), rule }]
  })
