import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { Audit, awsAccountOf, type Command, type S3Config, Tailnet, type TailnetState } from "../src/index.ts"
import { at, create, type Demo, demo, dst, envelope, outcome, put, s3, send, stateOf, user, version } from "./Demo.ts"

const owner = user("owner")
const issue = (externalId: string, reusable = false): Command => ({ _tag: "IssueAwsExternalId", externalId, reusable })
const arn = (account: string, name = "logs") => `arn:aws:iam::${account}:role/${name}`
const [one, two] = ["111111111111", "222222222222"]
const withRole = (
  roleArn: string,
  externalId: string
): { readonly config: S3Config; readonly secretVersion: string } => ({
  config: { ...s3, accessKeyId: "", role: { arn: roleArn, externalId } },
  secretVersion: ""
})
const update = (id: string, change: object): Command => ({
  _tag: "UpdateDestination",
  destination: dst(id),
  ...version,
  ...change
})

/** The id `new` is not linked, `linked` belongs to account one; `dst_k` has a key, `dst_r` and the stream a role. */
const furnished = (): Demo => {
  const made = demo()
  for (const id of ["linked", "new"]) send(made, owner, issue(id))
  send(made, owner, create("k"))
  send(made, owner, create("r", withRole(arn(one), "linked")))
  send(made, owner, put("s", withRole(arn(one), "linked")))
  return made
}

const accounts = (state: TailnetState) =>
  Object.fromEntries([...state.externalIds.values()].map((it) => [it.externalId, it.account]))

type Outcome = ReadonlyArray<string> | string | RegExp
const table: ReadonlyArray<readonly [what: string, actor: string, command: Command, expected: Outcome]> = [
  ["anew", "it-admin", issue("a"), ["AwsExternalIdIssued"]],
  ["reusable", "admin", issue("a", true), ["AwsExternalIdIssued"]],
  [
    "for an auditor",
    "auditor",
    issue("a"),
    /^Forbidden: the role auditor may not do this: it takes destinations:write/
  ],
  ["for a stranger", "stranger", issue("a"), /^NotFound/],
  ["twice", "owner", issue("new"), /^Conflict/],
  ["without a text", "owner", issue(""), /^Invalid/],
  ["created, linked", "owner", create("b", withRole(arn(one), "linked")), ["DestinationCreated"]],
  ["created, new", "owner", create("b", withRole(arn(two), "new")), ["AwsExternalIdLinked", "DestinationCreated"]],
  ["created, foreign id", "owner", create("b", withRole(arn(one), "x")), "Invalid: invalid awsExternalId parameter"],
  [
    "created, other account",
    "owner",
    create("b", withRole(arn(two), "linked")),
    "Invalid: is linked with the AWS account 111111111111: for a role of 222222222222 ask for a new one"
  ],
  ["created, no ARN", "owner", create("b", withRole("logs", "new")), /^Invalid: must be the ARN of a role/],
  ["updated, same", "owner", update("r", withRole(arn(one), "linked")), []],
  ["updated, other role", "owner", update("r", withRole(arn(one, "b"), "linked")), ["DestinationUpdated"]],
  ["updated, other id", "owner", update("r", withRole(arn(one), "new")), ["AwsExternalIdLinked", "DestinationUpdated"]],
  [
    "updated, other account",
    "owner",
    update("r", withRole(arn(two), "new")),
    /delete the destination and create it anew/
  ],
  ["updated, key to role", "owner", update("k", withRole(arn(two), "new")), [
    "AwsExternalIdLinked",
    "DestinationUpdated"
  ]],
  ["updated, role to key", "owner", update("r", {}), ["DestinationUpdated"]],
  ["put, same", "owner", put("t", withRole(arn(one), "linked")), []],
  ["put, other role", "owner", put("t", withRole(arn(one, "b"), "linked")), ["DestinationUpdated"]],
  ["put, other account", "owner", put("t", withRole(arn(two), "new")), /^Invalid: is a role of the AWS account 2222/],
  ["put, foreign id", "owner", put("t", withRole(arn(one), "x")), "Invalid: invalid awsExternalId parameter"],
  ["put, other log type", "owner", put("t", { ...withRole(arn(two), "new"), logType: "network" }), [
    "AwsExternalIdLinked",
    "DestinationCreated"
  ]]
]

describe("AWS external ids", () => {
  it.each(table)("%s", (...[, actor, command, expected]) => {
    const found = outcome(Tailnet.decide(stateOf(furnished()), envelope(user(actor), command)))
    if (expected instanceof RegExp) assert.match(String(found), expected)
    else assert.deepStrictEqual(found, expected)
  })

  it("a reusable one is given again until it is linked, others never", () => {
    const made = demo()
    assert.deepStrictEqual(outcome(send(made, owner, issue("a", true))), ["AwsExternalIdIssued"])
    assert.deepStrictEqual(outcome(send(made, owner, issue("b", true))), [])
    assert.strictEqual(Tailnet.reusableExternalId(stateOf(made))?.externalId, "a")
    send(made, owner, issue("c"))
    send(made, owner, put("s", withRole(arn(one), "a")))
    assert.isUndefined(Tailnet.reusableExternalId(stateOf(made)))
    assert.deepStrictEqual(outcome(send(made, owner, issue("d", true))), ["AwsExternalIdIssued"])
    assert.deepStrictEqual(accounts(stateOf(made)), { a: one, c: null, d: null })
  })

  it("another account is possible after the destination was deleted, with another id", () => {
    const made = furnished()
    send(made, owner, { _tag: "DeleteStream", logType: "configuration" })
    assert.match(String(outcome(send(made, owner, put("t", withRole(arn(two), "linked"))))), /ask for a new one/)
    const decision = send(made, owner, put("t", withRole(arn(two), "new")))
    assert.deepStrictEqual(outcome(decision), ["AwsExternalIdLinked", "DestinationCreated"])
    assert.deepStrictEqual(accounts(stateOf(made)), { linked: one, new: two })
  })

  it("the oldest one that no destination uses makes room", () => {
    const made = furnished()
    for (let id = stateOf(made).externalIds.size; id < Tailnet.maxExternalIds; id++) send(made, owner, issue(`i${id}`))
    const decision = send(made, owner, issue("more"))
    assert.deepStrictEqual(outcome(decision), ["AwsExternalIdForgotten", "AwsExternalIdIssued"])
    const { externalIds } = stateOf(made)
    assert.strictEqual(externalIds.size, Tailnet.maxExternalIds)
    assert.deepStrictEqual([externalIds.has("linked"), externalIds.has("new")], [true, false])
  })

  it("are in the audit log, in the name of who asked", () => {
    const made = furnished()
    const lines = (command: Command) => {
      const sent = envelope(user("it-admin"), command)
      const state = stateOf(made)
      const record = Tailnet.recordOf(sent, state.version, Result.getOrThrow(Tailnet.decide(state, sent)))
      const taken = { record, lane: 0, offset: 0 }
      return Audit.auditLines(state, taken, { appendedAt: at, last: undefined }).lines.map((line) => {
        const { action, actor, new: after, old, target } = JSON.parse(line)
        return [action, target.property, actor.loginName, old, after]
      })
    }
    const of = "it-admin@example.com"
    assert.deepStrictEqual(lines(issue("a")), [["CREATE", "AWS_EXTERNAL_ID", of, undefined, { externalId: "a" }]])
    const [linked, changed] = lines(put("t", withRole(arn(one), "new")))
    const after = { externalId: "new", awsAccountId: one }
    assert.deepStrictEqual(linked, ["UPDATE", "AWS_EXTERNAL_ID", of, { externalId: "new" }, after])
    assert.deepStrictEqual(changed?.slice(0, 2), ["UPDATE", "LOGSTREAM_ENDPOINT"])
  })

  it("accounts of roles", () => {
    const accountsOf = {
      "arn:aws:iam::123456789012:role/logs": "123456789012",
      "arn:aws-cn:iam::123456789012:role/a/b/logs": "123456789012",
      "arn:aws-us-gov:iam::123456789012:role/logs": "123456789012",
      "arn:aws:iam::12345678901:role/logs": undefined,
      "arn:aws:iam::123456789012:role/": undefined,
      "arn:aws:iam::123456789012:user/logs": undefined,
      "arn:aws:sts::123456789012:assumed-role/logs/s": undefined,
      "arn:aws:iam::123456789012:role/a b": undefined,
      "": undefined
    }
    for (const [text, account] of Object.entries(accountsOf)) assert.strictEqual(awsAccountOf(text), account, text)
  })
})
