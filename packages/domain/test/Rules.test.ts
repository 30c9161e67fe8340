import { assert, describe, it } from "@effect/vitest"
import { Result, Schema, SchemaIssue } from "effect"
import { misplacedRule, Rules } from "../src/index.ts"

const decode = Schema.decodeUnknownResult(Rules, { onExcessProperty: "error", errors: "all" })
const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/** As the API says it: the member's path, then the sentence. */
const problems = (rules: unknown): ReadonlyArray<string> => {
  const decoded = decode(rules)
  if (Result.isSuccess(decoded)) return []
  return issuesOf(decoded.failure.issue).issues.map(({ message, path }) =>
    `${(path ?? []).map(String).join(".")} ${message}`
  )
}

const long = "x".repeat(300)

describe("Rules", () => {
  it.each([
    {},
    { only: [{ events: ["TAILNET.UPDATE.LOGSTREAM_ENDPOINT", "NODE.*", "*.LOGIN", "*"] }] },
    { except: [{ actors: ["u1CNTRL", "~alice"], events: ["USER.*"] }, { traffic: ["physical"] }] },
    { only: [{ nodes: ["n1CNTRL", "~100.64."] }], redact: [{ field: "actor.loginName", how: "hash" }] },
    { redact: [{ field: "logged_by", how: "mask" }, { field: "old.logged", how: "drop" }] }
  ])("%j is right", (rules) => {
    assert.deepStrictEqual(problems(rules), [])
  })

  it.each(
    [
      [[], /^ must be an object with only, except or redact$/],
      [{ onyl: [] }, /^onyl /],
      [{ only: [] }, /^only must be a list of 1 to 50 conditions$/],
      [{ only: "NODE.CREATE" }, /^only must be a list of 1 to 50 conditions$/],
      [{ only: [{}] }, /^only\.0 must hold at least one of events, actors, nodes, traffic$/],
      [{ only: [{ event: ["NODE.CREATE"] }] }, /^only\.0\.event /],
      [
        { only: [{ events: ["node.create"] }] },
        /^only\.0\.events\.0 must be the name of an event such as NODE\.CREATE/
      ],
      [{ only: [{ events: ["A.*.B"] }] }, /^only\.0\.events\.0 must be the name of an event/],
      [{ only: [{ events: [] }] }, /^only\.0\.events must be a list of 1 to 100 texts$/],
      [{ except: [{ actors: ["~"] }] }, /^except\.0\.actors\.0 must be an actor's id or login name/],
      [{ except: [{ nodes: [""] }] }, /^except\.0\.nodes\.0 must be a node's id/],
      [{ except: [{ nodes: [long] }] }, /^except\.0\.nodes\.0 must be a text of at most 256 characters$/],
      [{ except: [{ traffic: ["derp"] }] }, /^except\.0\.traffic\.0 must be one of virtual, subnet, exit, physical$/],
      [{ redact: [{ field: "logged", how: "drop" }] }, /^redact\.0\.field must not be logged: /],
      [{ redact: [{ field: "logged.at", how: "hash" }] }, /^redact\.0\.field must not be logged: /],
      [{ redact: [{ field: "a..b", how: "hash" }] }, /^redact\.0\.field must be 1 to 8 members' names/],
      [{ redact: [{ field: "a", how: "remove" }] }, /^redact\.0\.how must be one of mask, hash, drop$/],
      [{ redact: [{ field: "a" }] }, /^redact\.0\.how Missing key$/],
      [
        { redact: [{ field: "a.b", how: "mask" }, { field: "c", how: "mask" }, { field: "a.b", how: "drop" }] },
        /^redact\.2\.field must not be the same as an earlier one$/
      ]
    ] as const
  )("%j is refused by the member's name", (rules, expected) => {
    const [first = ""] = problems(rules)
    assert.match(first, expected)
    assert.strictEqual(problems(rules).length, 1)
  })

  it("nothing that was given is repeated", () => {
    const secret = "tskey-api-secret"
    const rules = { only: [{ events: [secret] }], redact: [{ field: `${secret}!`, how: secret }] }
    assert.strictEqual(problems(rules).length, 3)
    assert.notInclude(problems(rules).join(), secret)
  })

  it("conditions that never hold for a log are named", () => {
    assert.isUndefined(misplacedRule({ only: [{ events: ["*"] }] }, "configuration"))
    assert.isUndefined(misplacedRule({ redact: [{ field: "a", how: "drop" }] }, "network"))
    assert.strictEqual(
      misplacedRule({ only: [{ events: ["*"] }] }, "network"),
      "only.0.events must not be given here: it is for configuration logs"
    )
    assert.strictEqual(
      misplacedRule({ except: [{ actors: ["a"] }, { traffic: ["exit"] }] }, "configuration"),
      "except.1.traffic must not be given here: it is for network logs"
    )
  })
})
