/** The whole repository keeps the rules of CONTRIBUTING.md. That the rules can be broken is shown in Rules.test.ts. */
import { assert, describe, it } from "@effect/vitest"
import { importArrows, manifestArrows, unstableEffect } from "../src/Arrows.ts"
import { escapeRate, unexplainedEscapes } from "../src/Escapes.ts"
import { fileName } from "../src/Names.ts"
import { machinePlaces, promises, switchedOffTests } from "../src/Phrases.ts"
import { files, manifests, read, sources } from "../src/Repository.ts"
import { fileLength, functionLength, lineLength, nesting, parameters } from "../src/Size.ts"
import type { Complaint } from "../src/Source.ts"

const all = sources()
const packages = manifests()
const isText = (file: string) => /\.(m?ts|tsx|m?js|json|ya?ml|md|tla|cfg|sh)$|^\.ci\/run$/.test(file)
const isOwnRule = (file: string) => file.startsWith("tests/tidy/")

const tidy = (name: string, found: () => ReadonlyArray<Complaint>) =>
  it(name, () => {
    const complaints = found().map(({ line, path, rule }) => `${path}:${line} ${rule}`)
    assert.strictEqual(complaints.join("\n"), "")
  })

describe("every file", () => {
  tidy("is short", () => all.flatMap(fileLength))
  tidy("has lines that fit a screen", () => all.flatMap(lineLength))
  tidy("has a name that says something", () => files().flatMap(fileName))
  tidy("makes no promise without an issue", () => all.flatMap(promises))
  tidy(
    "names no machine's places",
    () => files().filter((file) => isText(file) && !isOwnRule(file)).flatMap((file) => machinePlaces(file, read(file)))
  )
})

describe("every function", () => {
  tidy("is short", () => all.flatMap(functionLength))
  tidy("is flat", () => all.flatMap(nesting))
  tidy("takes few parameters", () => all.flatMap(parameters))
})

describe("every package", () => {
  tidy("depends on lower ones only", () => packages.flatMap(manifestArrows))
  tidy(
    "imports lower ones only, by their entry points",
    () => all.flatMap((source) => importArrows({ source, manifests: packages }))
  )
  tidy("leaves unstable parts of Effect out of the domain", () => all.flatMap(unstableEffect))
  tidy("gives a reason for each way around the type checker", () => all.flatMap(unexplainedEscapes))
  tidy("seldom goes around the type checker", () => escapeRate(all))
  tidy("switches no test off", () => all.filter(({ path }) => !isOwnRule(path)).flatMap(switchedOffTests))
})
