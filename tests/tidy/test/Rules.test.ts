/** Each rule is seen to fail on a text that breaks it, and to pass on the same thing done properly. */
import { assert, describe, it } from "@effect/vitest"
import { importArrows, type Manifest, manifestArrows, unstableEffect } from "../src/Arrows.ts"
import { escapeRate, unexplainedEscapes } from "../src/Escapes.ts"
import { fileName } from "../src/Names.ts"
import { machinePlaces, promises, switchedOffTests } from "../src/Phrases.ts"
import { fileLength, functionLength, limits, lineLength, nesting, parameters } from "../src/Size.ts"
import { type Complaint, parse, type Source } from "../src/Source.ts"

interface Example {
  readonly rule: (source: Source) => ReadonlyArray<Complaint>
  readonly good: string
  readonly bad: string
  readonly path?: string
}

const lines = (count: number, line = "call()") => Array.from({ length: count }, () => line).join("\n")
const body = (count: number) => `function f() {\n${lines(count - 2)}\n}`
const suite = (count: number) => `describe("x", () => {\n${lines(count)}\n})`
const arrows = (source: Source) => importArrows({ source, manifests })

const manifests: ReadonlyArray<Manifest> = [
  { folder: "packages/domain", dependencies: [], entries: ["."] },
  { folder: "packages/log", dependencies: ["@tailrace/domain", "effect"], entries: [".", "./contract"] },
  { folder: "packages/delivery", dependencies: ["@tailrace/log"], entries: ["."] },
  { folder: "apps/cli", dependencies: ["@tailrace/tailrace", "@tailrace/s3-server"], entries: [] },
  { folder: "packages/process", dependencies: ["@tailrace/delivery"], entries: [".", "./settings"] },
  { folder: "apps/delivery", dependencies: ["@tailrace/process"], entries: [] },
  { folder: "apps/tailrace", dependencies: ["@tailrace/delivery"], entries: ["./start"] }
]

const log = "packages/log/src/Log.ts"
const deep = "if (a) { for (;;) { while (b) { try { c() } finally { d() } } } }"

const examples: Readonly<Record<string, Example>> = {
  "file length": { rule: fileLength, good: lines(limits.fileLines), bad: lines(limits.fileLines + 1) },
  "comments do not count": { rule: fileLength, good: lines(999, "// x"), bad: lines(999, "x // y") },
  "main length": {
    rule: fileLength,
    path: "apps/cli/src/main.ts",
    good: lines(limits.mainLines),
    bad: lines(limits.mainLines + 1)
  },
  "line length": { rule: lineLength, good: "x".repeat(limits.lineLength), bad: "x".repeat(limits.lineLength + 1) },
  "an address may be long": {
    rule: lineLength,
    good: `// https://example.com/${"x".repeat(200)}`,
    bad: `// ${"x".repeat(200)}`
  },
  "function length": {
    rule: functionLength,
    good: body(limits.functionLines),
    bad: body(limits.functionLines + 1)
  },
  "arrow length": {
    rule: functionLength,
    good: suite(limits.functionLines),
    bad: suite(limits.functionLines).replace("describe", "run")
  },
  nesting: { rule: nesting, good: `function f() { ${deep} }`, bad: `function f() { if (z) { ${deep} } }` },
  "nested generators": {
    rule: nesting,
    good: "const f = () => gen(function*() { yield* gen(function*() { if (a) { b() } }) })",
    bad: `const f = () => gen(function*() { ${deep} })`
  },
  "else if is a list": {
    rule: nesting,
    good: `const f = () => { ${Array.from({ length: 9 }, () => "if (a) { b() }").join(" else ")} }`,
    bad: `const f = () => { if (z) { if (y) { ${deep} } } }`
  },
  parameters: { rule: parameters, good: "function f(a, b, c) {}", bad: "function f(a, b, c, d) {}" },
  "method parameters": {
    rule: parameters,
    good: "interface F { f(a: A, b: B, c: C): void }",
    bad: "interface F { f(a: A, b: B, c: C, d: D): void }"
  },
  any: { rule: unexplainedEscapes, good: "// the tool's own type\nlet a: any", bad: "let a: any" },
  as: { rule: unexplainedEscapes, good: "const a = [1] as const", bad: "const a = b as number" },
  "not null": { rule: unexplainedEscapes, good: "// filled above\na(b!)", bad: "\na(b!)" },
  "escapes in a thousand lines": {
    rule: (source) => escapeRate([source]),
    good: `${lines(999)}\nlet a: any`,
    bad: `${lines(998)}\nlet a: any`
  },
  promises: { rule: promises, good: "// TODO(#12) shorter\nconst TODO = 1", bad: "/* a\n TODO shorter */" },
  "only this test": { rule: switchedOffTests, good: "it.effect(f)", bad: "it.effect.only(f)" },
  "skipped tests": { rule: switchedOffTests, good: "it.skipIf(a)(f)", bad: "describe.skip(f)" },
  "an import upwards": {
    rule: arrows,
    path: log,
    good: "import { a } from \"@tailrace/domain\"",
    bad: "import { a } from \"@tailrace/delivery\""
  },
  "an import in one row": {
    rule: arrows,
    path: log,
    good: "export * from \"./a.ts\"",
    bad: "export * from \"@tailrace/api\""
  },
  "an import beside": {
    rule: arrows,
    path: "packages/delivery/src/Lane.ts",
    good: "import { a } from \"@tailrace/log/contract\"",
    bad: "import { a } from \"@tailrace/s3-server\""
  },
  "a deep import": {
    rule: arrows,
    path: "packages/delivery/src/Lane.ts",
    good: "const a = await import(\"@tailrace/log\")",
    bad: "const a = await import(\"@tailrace/log/src/Log.ts\")"
  },
  "an import around the entry": {
    rule: arrows,
    path: "packages/delivery/src/leg/Leg.ts",
    good: "import { a } from \"../Lane.ts\"",
    bad: "import { a } from \"../../../log/src/Log.ts\""
  },
  "an import of itself": {
    rule: arrows,
    path: log,
    good: "import { a } from \"./Chunk.ts\"",
    bad: "import { a } from \"@tailrace/log\""
  },
  "an app in an app": {
    rule: arrows,
    path: "apps/cli/src/main.ts",
    good: "import { a } from \"@tailrace/tailrace/start\"",
    bad: "import { a } from \"@tailrace/console\""
  },
  "an app named like a package": {
    rule: arrows,
    path: "apps/delivery/src/main.ts",
    good: "import { a } from \"@tailrace/delivery\"",
    bad: "import { a } from \"@tailrace/app-delivery\""
  },
  "the process in a service": {
    rule: arrows,
    path: "packages/delivery/src/Lane.ts",
    good: "import { a } from \"@tailrace/domain\"",
    bad: "import { a } from \"@tailrace/process\""
  },
  "an unstable module": {
    rule: unstableEffect,
    path: "packages/domain/src/Plan.ts",
    good: "import { Schema } from \"effect\"\nimport * as Effect from \"effect/Effect\"",
    bad: "import { HttpClient } from \"effect/http\""
  },
  "an unstable name": {
    rule: unstableEffect,
    path: "packages/domain/src/Plan.ts",
    good: "import { Option as FileSystem } from \"effect\"",
    bad: "import { FileSystem } from \"effect\""
  },
  "a machine's path": {
    rule: ({ path, text }) => machinePlaces(path, text),
    good: "const a = \"./work/main\"",
    bad: "const a = \"/home/someone/tailrace\""
  },
  "a registry's host": {
    rule: ({ path, text }) => machinePlaces(path, text),
    good: "// from the npm registry",
    bad: ["// from https://registry.npm", "js.org/effect"].join("")
  }
}

describe("every rule", () => {
  it.each(Object.entries(examples))("%s", (_name, { bad, good, path = "packages/log/src/X.ts", rule }) => {
    assert.deepStrictEqual(rule(parse(path, good)), [])
    assert.notDeepEqual(rule(parse(path, bad)), [])
  })

  it("names", () => {
    const faults = ["src/utils.ts", "src/RecordHelpers.ts", "src/types.ts", "src/LaneManager.ts"]
    assert.deepStrictEqual(faults.filter((file) => fileName(file).length === 0), [])
    assert.deepStrictEqual(["src/LogType.ts", "src/Commons.ts", "index.ts"].flatMap(fileName), [])
  })

  it("manifests", () => {
    const upwards = { folder: "packages/log", dependencies: ["@tailrace/control"], entries: [] }
    assert.deepStrictEqual(manifests.flatMap(manifestArrows), [])
    assert.strictEqual(manifestArrows(upwards).length, 1)
  })

  it("a complaint names its line", () => {
    assert.deepStrictEqual(unexplainedEscapes(parse("a.ts", "const é = 1\n\nlet a: any")).map(({ line }) => line), [3])
  })
})
