// Tables line up, colours mark good and bad, and text from a server cannot take over the terminal.
import { assert, describe, it } from "@effect/vitest"
import { progressLine } from "../src/Progress.ts"
import { recordLine } from "../src/RecordLine.ts"
import { colours, noColours, printable, sheet, table } from "../src/Table.ts"

const columns = [
  { title: "id", cell: (row: { id: string }) => row.id },
  { title: "state", cell: (row: { state: string }) => row.state }
]

describe("table", () => {
  it("pads to the widest cell", () => {
    assert.deepStrictEqual(
      table(columns, [{ id: "a-long-id", state: "streaming" }, { id: "b", state: "paused" }], noColours),
      ["ID         STATE", "a-long-id  streaming", "b          paused"]
    )
  })

  it("colours", () => {
    const [, row] = table(columns, [{ id: "b", state: "suspended" }], colours)
    assert.include(row, "\u001b[31msuspended\u001b[0m")
    assert.include(sheet([["state", "ok"]], colours)[0], "\u001b[32mok\u001b[0m")
  })

  it("control characters are shown, not obeyed", () => {
    assert.strictEqual(printable("a\u001b[2Jb\n"), "a\\x1b[2Jb\\x0a")
    assert.notInclude(table(columns, [{ id: "\u001b[2J", state: "\u009b2J" }], noColours).join("\n"), "\u001b")
  })
})

describe("lines", () => {
  it("progress", () => {
    assert.strictEqual(
      progressLine({ records: 1_234, bytes: 500_000, ofBytes: 1_000_000 }),
      "[############------------]  50 %  1,234 records  0.5 MB"
    )
    assert.strictEqual(progressLine({ records: 1, bytes: 10, ofBytes: null }), "1 records  0.0 MB")
  })

  it("an audit record", () => {
    const record = {
      logged: "2026-07-27T12:10:29.541584437Z",
      action: "UPDATE",
      actor: { loginName: "ben@example.com" },
      target: { type: "NODE", name: "web-1", property: "ACL_TAGS" }
    }
    assert.strictEqual(recordLine(record, noColours), "12:10:29  ben@example.com  NODE.UPDATE.ACL_TAGS  web-1")
  })

  it("a flow record", () => {
    const record = {
      logged: "2026-07-24T09:05:07Z",
      nodeId: "n1",
      srcNode: { name: "src.example.ts.net" },
      virtualTraffic: [{ dst: "100.64.0.2:443", rxBytes: 800, txBytes: 1_000 }],
      physicalTraffic: []
    }
    assert.strictEqual(recordLine(record, noColours), "09:05:07  src.example.ts.net  → 100.64.0.2:443  1,800 bytes")
  })

  it("anything else", () => {
    assert.strictEqual(recordLine({ what: 1 }, noColours), "{\"what\":1}")
  })
})
