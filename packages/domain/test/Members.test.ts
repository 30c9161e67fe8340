import { assert, describe, it } from "@effect/vitest"
import { type Command, Role, Tailnet } from "../src/index.ts"
import { addMember, at, day, demo, hash, outcome, send, stateOf, user } from "./Demo.ts"

const change = (userId: string, role: Role): Command => ({ _tag: "ChangeMemberRole", userId, role })
const remove = (userId: string): Command => ({ _tag: "RemoveMember", userId })

const table: ReadonlyArray<readonly [actor: string, command: Command, expected: ReadonlyArray<string> | RegExp]> = [
  ["owner", addMember("new", "auditor"), ["MemberAdded"]],
  ["it-admin", addMember("new", "admin"), ["MemberAdded"]],
  ["network-admin", addMember("new", "member"), /^Forbidden: the role network-admin may not do this/],
  ["auditor", addMember("new", "member"), /^Forbidden/],
  ["stranger", addMember("new", "member"), /^NotFound: tailnet example.com not found/],
  ["owner", addMember("new", "owner"), /^Invalid: a tailnet has one owner/],
  ["owner", addMember("admin", "member"), /^Conflict: user admin is a member already/],
  [
    "owner",
    { _tag: "AddMember", userId: "new", loginName: "admin@example.com", displayName: "", role: "member" },
    /^Conflict: admin@example.com is a member already/
  ],
  ["owner", addMember("", "member"), /^Invalid/],
  ["admin", change("auditor", "it-admin"), ["MemberRoleChanged"]],
  ["it-admin", change("admin", "member"), ["MemberRoleChanged"]],
  ["admin", change("auditor", "auditor"), []],
  ["admin", change("admin", "member"), /^Forbidden: nobody may change their own role/],
  ["owner", change("owner", "admin"), /^Forbidden: nobody may change their own role/],
  ["admin", change("owner", "admin"), /^Forbidden: the owner's role/],
  ["admin", change("auditor", "owner"), /^Forbidden: only the owner may hand/],
  ["owner", change("auditor", "owner"), ["MemberRoleChanged", "MemberRoleChanged"]],
  ["owner", change("nobody", "admin"), /^NotFound/],
  ["auditor", change("member", "admin"), /^Forbidden/],
  ["admin", remove("auditor"), ["MemberRemoved"]],
  ["admin", remove("owner"), /^Forbidden: the owner cannot be removed/],
  ["admin", remove("admin"), /^Forbidden: nobody may remove themselves/],
  ["admin", remove("nobody"), /^NotFound/],
  ["billing-admin", remove("auditor"), /^Forbidden/]
]

describe("Members", () => {
  it.each(table)("%s sends %j", (actor, command, expected) => {
    const result = outcome(send(demo(), user(actor), command))
    if (expected instanceof RegExp) assert.match(String(result), expected)
    else assert.deepStrictEqual(result, expected)
  })

  it("the one who hands ownership over stays as admin", () => {
    const it = demo()
    send(it, user("owner"), change("auditor", "owner"))
    const { members } = stateOf(it)
    assert.strictEqual(members.get("owner")?.role, "admin")
    assert.strictEqual(Tailnet.ownerOf(stateOf(it))?.userId, "auditor")
    assert.match(String(outcome(send(it, user("owner"), change("admin", "owner")))), /only the owner/)
  })

  it("the keys of a removed member end with them", () => {
    const it = demo()
    const key = { keyId: "k1", userId: "it-admin", hash, description: "", expiresAt: at + day }
    send(it, user("it-admin"), { _tag: "CreateApiKey", ...key })
    send(it, user("owner"), remove("it-admin"))
    assert.strictEqual(stateOf(it).apiKeys.get("k1")?.revokedAt, at)
    assert.strictEqual(stateOf(it).apiKeys.get("k0")?.revokedAt, null)
  })
})
