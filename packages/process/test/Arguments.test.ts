// What a server says to arguments: all settings that it reads and no other, its version, or what is wrong.
import { assert, describe, it } from "@effect/vitest"
import { answerTo } from "../src/Arguments.ts"

describe("arguments", () => {
  it("none: it starts", () => assert.isUndefined(answerTo("tailrace", [])))

  it("help names what this app reads", () => {
    const text = answerTo("ingest", ["--help"])?.text ?? ""
    assert.include(text, "TAILRACE_KAFKA_BROKERS")
    assert.include(text, "TAILRACE_REQUEST_SIZE")
    assert.notInclude(text, "TAILRACE_MASTER_KEY")
    assert.notInclude(text, "TAILRACE_DEMO")
    assert.include(answerTo("tailrace", ["-h"])?.text ?? "", "TAILRACE_DEMO")
  })

  it("version", () => assert.match(answerTo("control", ["--version"])?.text ?? "", /^\d+\.\d+\.\d+$/))

  it("anything else is wrong usage", () => {
    assert.deepStrictEqual(answerTo("delivery", ["start"]), {
      text: "unknown argument \"start\"; --help says what there is",
      exitCode: 2
    })
  })
})
