import { assert, describe, it } from "@effect/vitest"
import { Audit, type Command, type NoticeKind, noticeLeaseMillis, noticeRestMillis, Tailnet } from "../src/index.ts"
import { at, create, demo, dst, envelope, outcome, send, stateOf, system, user } from "./Demo.ts"

const minute = 60_000

const started = () => {
  const tailnet = demo()
  send(tailnet, system, create("a"))
  const sendAfter = (millis: number, command: Command) => {
    tailnet.at = at + millis
    return outcome(send(tailnet, system, command))
  }
  const take = (kind: NoticeKind, by: string, after: number) =>
    sendAfter(after, { _tag: "TakeNotice", destination: dst("a"), kind, by })
  const give = (kind: NoticeKind, after: number) =>
    sendAfter(after, { _tag: "NoteNotice", destination: dst("a"), kind })
  return { tailnet, take, give }
}

describe("notices", () => {
  it("one process takes it, the others do not, until its time is over", () => {
    const { take } = started()
    assert.deepStrictEqual(take("suspended", "p1", 0), ["NoticeTaken"])
    assert.deepStrictEqual(take("suspended", "p2", minute), [])
    assert.deepStrictEqual(take("suspended", "p1", minute), ["NoticeTaken"])
    assert.deepStrictEqual(take("suspended", "p2", noticeLeaseMillis), [])
    assert.deepStrictEqual(take("suspended", "p2", minute + noticeLeaseMillis), ["NoticeTaken"])
    assert.deepStrictEqual(take("retention", "p1", 0), ["NoticeTaken"])
  })

  it("a suspension is told once, its end once, and neither twice an hour", () => {
    const { give, take } = started()
    assert.deepStrictEqual(take("recovered", "p1", 0), [])
    take("suspended", "p1", 0)
    assert.deepStrictEqual(give("suspended", minute), ["NoticeGiven"])
    assert.deepStrictEqual(take("suspended", "p2", 10 * noticeRestMillis), [])
    assert.deepStrictEqual(take("recovered", "p2", 2 * minute), ["NoticeTaken"])
    give("recovered", 2 * minute)
    assert.deepStrictEqual(take("recovered", "p2", 10 * noticeRestMillis), [])
    assert.deepStrictEqual(take("suspended", "p2", noticeRestMillis), [])
    assert.deepStrictEqual(take("suspended", "p2", minute + noticeRestMillis), ["NoticeTaken"])
    give("suspended", minute + noticeRestMillis)
    assert.deepStrictEqual(take("recovered", "p2", minute + noticeRestMillis), [])
    assert.deepStrictEqual(take("recovered", "p2", 2 * minute + noticeRestMillis), ["NoticeTaken"])
  })

  it("the end of retention is told again, but not within the hour", () => {
    const { give, take } = started()
    take("retention", "p1", 0)
    give("retention", 0)
    assert.deepStrictEqual(take("retention", "p1", noticeRestMillis - 1), [])
    assert.deepStrictEqual(take("retention", "p1", noticeRestMillis), ["NoticeTaken"])
  })

  it("nothing is told of what is deleted or unknown, nor by anybody without the right", () => {
    const { tailnet, take } = started()
    const other: Command = { _tag: "TakeNotice", destination: dst("b"), kind: "suspended", by: "p1" }
    assert.deepStrictEqual(outcome(send(tailnet, system, other)), [])
    assert.match(String(outcome(send(tailnet, user("auditor"), other))), /^Forbidden/)
    send(tailnet, system, { _tag: "DeleteDestination", destination: dst("a") })
    assert.deepStrictEqual(take("suspended", "p1", 0), [])
  })

  it("they change no destination and make no audit record", () => {
    const { tailnet, take } = started()
    const before = stateOf(tailnet)
    take("suspended", "p1", 0)
    assert.strictEqual(stateOf(tailnet).destinations, before.destinations)
    const command: Command = { _tag: "NoteNotice", destination: dst("a"), kind: "suspended" }
    const record = Tailnet.recordOf(envelope(system, command), 1, [
      { _tag: "NoticeGiven", destination: dst("a"), kind: "suspended" }
    ])
    const { lines } = Audit.auditLines(before, { record, lane: 0, offset: 9 }, { appendedAt: at, last: undefined })
    assert.deepStrictEqual(lines, [])
  })
})
