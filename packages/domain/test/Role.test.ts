import { assert, describe, it } from "@effect/vitest"
import { may, Permission, Role } from "../src/index.ts"

/** The reference's matrix, written again as a picture: o owner, a admin, n network, i IT, b billing, u auditor. */
const matrix: Readonly<Record<Permission, string>> = {
  "console:open": "oanibu-",
  "audit-logs:read": "oanibu-",
  "flow-logs:read": "oani---",
  "flow-logs:switch": "oani---",
  "destinations:read": "oanibu-",
  "destinations:write": "oani---",
  "settings:read": "oanibu-",
  "policy:write": "oan----",
  "network:write": "oan----",
  "features:write": "oa-i---",
  "members:read": "oanibu-",
  "members:write": "oa-i---",
  "keys:read": "oani---",
  "keys:write": "oani---",
  "billing:read": "oa--b--",
  "billing:write": "oa--b--"
}

describe("Role", () => {
  it.each(Permission.literals)("%s", (permission) => {
    const row = Role.literals.map((role, index) => may(role, permission) ? "oanibum"[index] : "-").join("")
    assert.strictEqual(row, matrix[permission])
  })
})
