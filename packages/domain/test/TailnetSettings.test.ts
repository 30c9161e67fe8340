import { assert, describe, it } from "@effect/vitest"
import type { Actor, Command, Plan, SettingsChanges } from "../src/index.ts"
import { createTailnet, demo, dst, outcome, put, send, stateOf, system, user } from "./Demo.ts"

const change = (changes: SettingsChanges): Command => ({ _tag: "ChangeSettings", changes })
const plan = (plan: Plan): Command => ({ _tag: "ChangePlan", plan })

const table: ReadonlyArray<
  readonly [on: Plan, actor: string, command: Command, expected: ReadonlyArray<string> | RegExp]
> = [
  ["enterprise", "owner", change({ networkFlowLoggingOn: true }), ["SettingsChanged"]],
  ["premium", "network-admin", change({ networkFlowLoggingOn: true }), ["SettingsChanged"]],
  ["standard", "owner", change({ networkFlowLoggingOn: true }), /^Forbidden: the plan standard does not include/],
  ["standard", "owner", change({ networkFlowLoggingOn: false, httpsEnabled: true }), ["SettingsChanged"]],
  ["enterprise", "auditor", change({ networkFlowLoggingOn: true }), /^Forbidden: .*flow-logs:switch/],
  ["enterprise", "member", change({}), /^Forbidden/],
  ["enterprise", "owner", change({}), []],
  ["enterprise", "owner", change({ networkFlowLoggingOn: false }), []],
  ["enterprise", "network-admin", change({ usersApprovalOn: true }), /^Forbidden: .*features:write/],
  ["enterprise", "it-admin", change({ usersApprovalOn: true }), ["SettingsChanged"]],
  ["enterprise", "it-admin", change({ usersApprovalOn: true, httpsEnabled: true }), /^Forbidden: .*network:write/],
  ["enterprise", "it-admin", change({ aclsExternallyManagedOn: true }), /^Forbidden: .*policy:write/],
  ["enterprise", "billing-admin", plan("premium"), ["PlanChanged"]],
  ["enterprise", "network-admin", plan("premium"), /^Forbidden: .*billing:write/],
  ["enterprise", "owner", plan("enterprise"), []]
]

describe("Settings and plan", () => {
  it.each(table)("on %s, %s sends %j", (...[on, actor, command, expected]) => {
    const result = outcome(send(demo(on), user(actor), command))
    if (expected instanceof RegExp) assert.match(String(result), expected)
    else assert.deepStrictEqual(result, expected)
  })

  it("absent settings are left alone", () => {
    const it = demo()
    send(it, user("owner"), change({ devicesKeyDurationDays: 30 }))
    send(it, user("owner"), change({ networkFlowLoggingOn: true }))
    assert.strictEqual(stateOf(it).settings.devicesKeyDurationDays, 30)
    assert.isTrue(stateOf(it).settings.networkFlowLoggingOn)
  })

  it("a plan that no longer includes something switches it off in the same record", () => {
    const it = demo()
    send(it, user("owner"), change({ networkFlowLoggingOn: true }))
    send(it, user("owner"), put("a"))
    send(it, user("owner"), put("b", { logType: "network" }))
    const events = ["PlanChanged", "SettingsChanged", "DestinationPaused"]
    assert.deepStrictEqual(outcome(send(it, user("owner"), plan("personal"))), events)
    const paused = [...stateOf(it).destinations.values()].filter(({ paused }) => paused)
    assert.deepStrictEqual(paused.map(({ id }) => String(id)), ["dst_b"])
    const resume = send(it, user("owner"), { _tag: "ResumeDestination", destination: dst("b") })
    assert.match(String(outcome(resume)), /^Forbidden: the plan personal does not include streaming of network logs/)
  })

  it.each<readonly [Actor, RegExp]>([
    [user("owner"), /^Forbidden/],
    [{ ...system, type: "OAUTH_CLIENT" }, /^Forbidden/],
    [system, /^Conflict: tailnet example.com exists already/]
  ])("a tailnet is not made twice, or by %j", (actor, expected) => {
    assert.match(String(outcome(send(demo(), actor, createTailnet("personal")))), expected)
  })
})
