import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import type { Command, Plan, Upload } from "../src/index.ts"
import { LogType, Plan as Plans, Tailnet } from "../src/index.ts"
import { create, demo, dst, envelope, outcome, put, s3, send, stateOf, system, upload, user, version } from "./Demo.ts"

const owner = user("owner")
const update = (id: string, change: Partial<typeof version> = {}): Command => ({
  _tag: "UpdateDestination",
  destination: dst(id),
  ...version,
  ...change
})
const on = (
  _tag: "DeleteDestination" | "PauseDestination" | "ResumeDestination",
  id: string
): Command => ({ _tag, destination: dst(id) })
const test = (id: string, name: string): Command => ({ _tag: "TestDestination", destination: dst(id), test: name })
const period = (seconds: number, minutes = 1): Upload => ({ ...upload, periodSeconds: seconds, periodMinutes: minutes })

/** Sent to a tailnet that has `dst_a` (configuration), `dst_gone` (deleted) and `dst_s` in the configuration slot. */
const furnished = (plan: Plan = "enterprise") => {
  const made = demo()
  for (const command of [create("a"), create("gone"), on("DeleteDestination", "gone"), put("s")]) {
    send(made, owner, command)
  }
  send(made, owner, { _tag: "ChangePlan", plan })
  return made
}

const table: ReadonlyArray<readonly [actor: string, command: Command, expected: ReadonlyArray<string> | RegExp]> = [
  ["it-admin", create("b"), ["DestinationCreated"]],
  ["network-admin", create("b", { logType: "network" }), ["DestinationCreated"]],
  ["auditor", create("b"), /^Forbidden: the role auditor may not do this: it takes destinations:write/],
  ["stranger", create("b"), /^NotFound: tailnet/],
  ["owner", create("a", { name: "other" }), /^Conflict: destination dst_a exists already/],
  ["owner", create("gone"), /^Conflict: destination dst_gone exists already/],
  ["owner", create("b", { name: "a" }), /^Conflict: a destination with the name a/],
  ["owner", create("b", { name: "gone" }), ["DestinationCreated"]],
  ["owner", create("b", { name: "" }), /^Invalid/],
  ["owner", create("b", { upload: period(5) }), ["DestinationCreated"]],
  ["owner", create("b", { upload: period(86_400) }), ["DestinationCreated"]],
  ["owner", create("b", { upload: period(4) }), /^Invalid: must be a whole number from 5 to 86400/],
  ["owner", create("b", { upload: period(86_401) }), /^Invalid/],
  ["owner", create("b", { upload: period(5.5) }), /^Invalid/],
  ["owner", create("b", { upload: period(60, 1441) }), /^Invalid: must be a whole number from 0 to 1440/],
  ["owner", create("b", { upload: period(60, -1) }), /^Invalid/],
  ["owner", create("b", { start: { _tag: "At", offsets: [] } }), /^Invalid/],
  ["owner", create("b", { start: { _tag: "At", offsets: [0, -1] } }), /^Invalid/],
  ["owner", create("b", { start: { _tag: "Replaces", destination: dst("a") } }), [
    "DestinationDeleted",
    "DestinationCreated"
  ]],
  ["owner", create("b", { start: { _tag: "Replaces", destination: dst("gone") } }), /^NotFound/],
  ["owner", create("b", { logType: "network", start: { _tag: "Replaces", destination: dst("a") } }), /^Invalid/],
  ["owner", update("a"), []],
  ["owner", update("a", { secretVersion: "v2" }), ["DestinationUpdated"]],
  ["owner", update("a", { config: { ...s3, bucket: "other" } }), ["DestinationUpdated"]],
  ["owner", update("a", { upload: period(30) }), ["DestinationUpdated"]],
  ["owner", update("a", { upload: period(1) }), /^Invalid/],
  ["owner", update("gone"), /^NotFound: destination dst_gone not found/],
  ["auditor", update("a", { secretVersion: "v2" }), /^Forbidden/],
  ["owner", put("t"), []],
  ["owner", put("t", { secretVersion: "v2" }), ["DestinationUpdated"]],
  ["owner", put("t", { logType: "network" }), ["DestinationCreated"]],
  ["owner", put("a", { logType: "network" }), /^Conflict/],
  ["owner", put("gone", { logType: "network" }), /^Conflict/],
  ["owner", on("DeleteDestination", "a"), ["DestinationDeleted"]],
  ["owner", on("DeleteDestination", "gone"), /^NotFound/],
  ["owner", { _tag: "DeleteStream", logType: "configuration" }, ["DestinationDeleted"]],
  ["owner", { _tag: "DeleteStream", logType: "network" }, /^NotFound: no stream of network logs/],
  ["owner", on("PauseDestination", "a"), ["DestinationPaused"]],
  ["owner", on("ResumeDestination", "a"), []],
  ["owner", on("PauseDestination", "gone"), /^NotFound/],
  ["member", on("PauseDestination", "a"), /^Forbidden/],
  ["owner", test("a", "t1"), ["DestinationTestRequested"]],
  ["owner", test("gone", "t1"), /^NotFound/]
]

describe("Destinations", () => {
  it.each(table)("%s sends %j", (actor, command, expected) => {
    const result = outcome(send(furnished(), user(actor), command))
    if (expected instanceof RegExp) assert.match(String(result), expected)
    else assert.deepStrictEqual(result, expected)
  })

  it.each(LogType.literals)("a stream of %s logs takes a plan that includes it, for the system too", (logType) => {
    const allowed = Plans.literals.filter((plan) => {
      const results = [owner, system].map((actor) => send(demo(plan), actor, create("b", { logType })))
      assert.strictEqual(new Set(results.map(Result.isSuccess)).size, 1)
      return results.every(Result.isSuccess)
    })
    assert.deepStrictEqual(
      allowed,
      logType === "network" ? ["enterprise"] : ["personal", "personal-plus", "enterprise"]
    )
  })

  it("a network destination may be made while flow logs are off", () => {
    const it = demo()
    assert.isFalse(stateOf(it).settings.networkFlowLoggingOn)
    assert.deepStrictEqual(outcome(send(it, owner, put("n", { logType: "network" }))), ["DestinationCreated"])
  })

  it("what the plan no longer includes may still be paused and deleted, but not changed", () => {
    const it = furnished("standard")
    assert.match(
      String(outcome(send(it, owner, update("a", { secretVersion: "v2" })))),
      /^Forbidden: the plan standard/
    )
    assert.match(String(outcome(send(it, owner, test("a", "t")))), /^Forbidden/)
    assert.deepStrictEqual(outcome(send(it, owner, on("DeleteDestination", "a"))), ["DestinationDeleted"])
  })

  it("versions rise by one, and say who and when", () => {
    const it = furnished()
    send(it, user("it-admin"), update("a", { secretVersion: "v2" }))
    const versions = stateOf(it).destinations.get(dst("a"))?.versions ?? []
    assert.deepStrictEqual(versions.map(({ by, version }) => [version, by.id]), [[1, "owner"], [2, "it-admin"]])
  })

  it("a replacement takes the slot over, and goes on where the old one ends", () => {
    const it = furnished()
    send(it, owner, create("b", { start: { _tag: "Replaces", destination: dst("s") } }))
    const stream = Tailnet.streamOf(stateOf(it), "configuration")
    assert.strictEqual(stream?.id, dst("b"))
    assert.deepStrictEqual(stream?.start, { _tag: "Replaces", destination: dst("s") })
    assert.isTrue(stateOf(it).destinations.get(dst("s"))?.deleted)
  })

  it("a configuration of another type in the slot replaces: deleted, then created from its end", () => {
    const occupant = Tailnet.streamOf(stateOf(furnished()), "configuration")
    const events = Tailnet.putIntoSlot(occupant, {
      wanted: version,
      logType: "configuration",
      newDestination: dst("new"),
      start: { _tag: "At", offsets: [9, 9] },
      envelope: envelope(owner, put("new")),
      isEdit: false
    })
    assert.deepStrictEqual(events.map(({ _tag }) => _tag), ["DestinationDeleted", "DestinationCreated"])
    const created = events[1]
    assert.deepStrictEqual(created?._tag === "DestinationCreated" ? [created.slot, created.start] : [], [
      "stream",
      { _tag: "Replaces", destination: dst("s") }
    ])
  })

  it("where it was created is remembered", () => {
    const it = demo()
    send(it, owner, create("a"))
    assert.deepStrictEqual(stateOf(it).destinations.get(dst("a"))?.createdAt, { lane: 0, offset: it.commands })
  })
})
