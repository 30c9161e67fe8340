import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { readFileSync } from "node:fs"
import { type Actor, Audit, type Command, Tailnet, type TailnetState } from "../src/index.ts"
import { addMember, at, create, createTailnet, day, demo, dst, envelope, hash, name, put, s3 } from "./Demo.ts"
import { send, stateOf, system, user, version } from "./Demo.ts"

type Json = Readonly<Record<string, unknown>>

const samples: ReadonlyArray<Json> = readFileSync(
  new URL("fixtures/s3_audit_export_real.ndjson", import.meta.url),
  "utf8"
).trim().split("\n").map((line) => JSON.parse(line))

/** The actor of the samples. */
const client: Actor = {
  id: "k3F261FC38A07CNTRL",
  type: "AUTOMATED_WORKER",
  loginName: "",
  displayName: "OAuth client"
}
const owner = user("owner")

/** The lines of what a command does to a tailnet, and the tailnet before. */
const linesOf = (state: TailnetState | undefined, actor: Actor, command: Command) => {
  const sent = envelope(actor, command)
  const events = Result.getOrThrow(Tailnet.decide(state, sent))
  const record = Tailnet.recordOf(sent, state?.version ?? 0, events)
  return Audit.auditLines(state, { record, lane: 0, offset: 0 }, { appendedAt: at + 2412, last: undefined }).lines
}

const recordsOf = (state: TailnetState | undefined, actor: Actor, command: Command): ReadonlyArray<Json> =>
  linesOf(state, actor, command).map((line) => JSON.parse(line))

/** What was done to what, as in the names of Tailscale's events. */
const nameOf = (record: Json): string => {
  const target: { type?: string; property?: string } = record["target"] ?? {}
  return [target.type, String(record["action"]), target.property].filter((it) => it !== undefined).join(".")
}

const without = (record: Json | undefined, ...fields: ReadonlyArray<string>): Json =>
  Object.fromEntries(Object.entries(record ?? {}).filter(([field]) => !fields.includes(field)))

const furnished = (): TailnetState => {
  const it = demo()
  send(it, owner, create("a"))
  send(it, owner, put("s"))
  send(it, owner, { _tag: "CreateIngestToken", tokenId: "t1", hash, description: "vector" })
  return stateOf(it)
}

describe("audit records", () => {
  it("a first stream is logged as in the live service, byte for byte", () => {
    const [line] = linesOf(stateOf(demo()), client, put("s"))
    const sample = samples[1]
    assert.isDefined(sample)
    const times = { logged: "2026-07-27T12:10:29.541Z", eventTime: "2026-07-27T12:10:27.129Z" }
    const actor = { ...Object(sample?.["actor"]), type: "AUTOMATED_WORKER" }
    assert.strictEqual(line, JSON.stringify({ ...sample, ...times, actor }))
  })

  it("a replacement is CREATE, then DELETE, in one group, a nanosecond apart", () => {
    const replace = create("b", {
      start: { _tag: "Replaces", destination: dst("s") },
      config: { ...s3, bucket: "new" }
    })
    const [created, deleted] = recordsOf(furnished(), client, replace)
    assert.deepStrictEqual(Object.keys(created ?? {}), Object.keys(samples[1] ?? {}))
    assert.deepStrictEqual(Object.keys(deleted ?? {}), Object.keys(samples[2] ?? {}))
    const fields = ["logged", "eventTime", "actor", "new", "old"]
    assert.deepStrictEqual(without(created, ...fields), without(samples[1], ...fields))
    const target = { ...Object(samples[2]?.["target"]), id: "S9D5BAF788833CNTRL" }
    assert.deepStrictEqual(without(deleted, ...fields), { ...without(samples[2], ...fields), target })
    const endpoint = { provider: "s3", logstreamType: "configuration", s3Region: "us-east-1" }
    assert.deepStrictEqual(created?.["new"], { ...endpoint, s3Bucket: "new" })
    assert.deepStrictEqual(deleted?.["old"], { ...endpoint, s3Bucket: "example-export-bucket" })
    assert.deepStrictEqual([created?.["eventTime"], deleted?.["eventTime"]], [
      "2026-07-27T12:10:27.129Z",
      "2026-07-27T12:10:27.129000001Z"
    ])
    assert.deepStrictEqual([created?.["logged"], deleted?.["logged"]], [
      "2026-07-27T12:10:29.541Z",
      "2026-07-27T12:10:29.541000001Z"
    ])
  })

  it("keys of a record come in the order of the samples, whatever is in it", () => {
    const order = ["logged", "eventTime", "eventGroupID", "origin", "actor", "target", "action"]
    for (const sample of samples) assert.deepStrictEqual(Object.keys(sample).slice(0, 7), order)
    const update: Command = { _tag: "UpdateDestination", destination: dst("a"), ...version, secretVersion: "v2" }
    const [record] = recordsOf(furnished(), owner, update)
    assert.deepStrictEqual(Object.keys(record ?? {}), [...order, "old", "new", "actionDetails"])
    assert.deepStrictEqual(record?.["actionDetails"], "changed: secret; destination dst_a (a)")
  })

  it("an API key is logged as in the live service: never its hash", () => {
    const key = { keyId: "kA925C82D335ACNTRL", userId: "owner", hash, description: "issue-288 capture probe" }
    const [line = ""] = linesOf(furnished(), owner, { _tag: "CreateApiKey", ...key, expiresAt: at + day })
    const record: Json = JSON.parse(line)
    const sample: Json = samples[9] ?? {}
    assert.deepStrictEqual(record["target"], { ...Object(sample["target"]), name: "API key" })
    assert.deepInclude(Object(record["new"]), {
      description: "issue-288 capture probe",
      expires: "2026-07-28 12:10:27.129 +0000 UTC"
    })
    assert.notInclude(line, hash)
  })

  const settings = (changes: Extract<Command, { _tag: "ChangeSettings" }>["changes"]): Command => ({
    _tag: "ChangeSettings",
    changes
  })
  const on = (_tag: "DeleteDestination" | "PauseDestination"): Command => ({ _tag, destination: dst("a") })

  it.each<readonly [Command, ReadonlyArray<string>]>([
    [{ _tag: "ChangePlan", plan: "premium" }, [
      "BILLING.UPDATE.SUBSCRIPTION",
      "TAILNET.UPDATE.LOGSTREAM_ENDPOINT",
      "TAILNET.UPDATE.LOGSTREAM_ENDPOINT"
    ]],
    [settings({ networkFlowLoggingOn: true }), ["TAILNET.ENABLE.NETWORK_FLOW_LOGGING"]],
    [settings({ httpsEnabled: true, usersApprovalOn: true, devicesApprovalOn: true }), [
      "TAILNET.ENABLE.MACHINE_APPROVAL_NEEDED",
      "TAILNET.ENABLE.USER_APPROVAL_REQUIRED",
      "TAILNET.ENABLE.HTTPS"
    ]],
    [settings({ devicesKeyDurationDays: 30 }), ["TAILNET.UPDATE.MAX_KEY_DURATION"]],
    [settings({ regionalRoutingOn: true, postureIdentityCollectionOn: true }), [
      "TAILNET.ENABLE.GEOSTEERING",
      "TAILNET.ENABLE.COLLECT_POSTURE_IDENTITY"
    ]],
    [addMember("new", "admin"), ["USER.CREATE"]],
    [{ _tag: "ChangeMemberRole", userId: "auditor", role: "admin" }, ["USER.UPDATE.USER_ROLE"]],
    [{ _tag: "RemoveMember", userId: "auditor" }, ["USER.DELETE"]],
    [{ _tag: "RevokeApiKey", keyId: "k0" }, ["API_KEY.REVOKE"]],
    [{ _tag: "CreateIngestToken", tokenId: "t2", hash, description: "" }, ["API_KEY.CREATE"]],
    [{ _tag: "RevokeIngestToken", tokenId: "t1" }, ["API_KEY.REVOKE"]],
    [create("b"), ["TAILNET.CREATE.LOGSTREAM_ENDPOINT"]],
    [put("s", { secretVersion: "v2" }), ["TAILNET.UPDATE.LOGSTREAM_ENDPOINT"]],
    [on("PauseDestination"), ["TAILNET.UPDATE.LOGSTREAM_ENDPOINT"]],
    [{ _tag: "TestDestination", destination: dst("a"), test: "t" }, ["TAILNET.VERIFY.LOGSTREAM_ENDPOINT"]],
    [on("DeleteDestination"), ["TAILNET.DELETE.LOGSTREAM_ENDPOINT"]],
    [{ _tag: "DeleteStream", logType: "configuration" }, ["TAILNET.DELETE.LOGSTREAM_ENDPOINT"]]
  ])("%j is logged as %j", (command, names) => {
    assert.deepStrictEqual(recordsOf(furnished(), owner, command).map(nameOf), names)
    for (const line of linesOf(furnished(), owner, command)) assert.notMatch(line, /\n|AKIAEXAMPLE|"hash"/)
  })

  it("a new tailnet, its owner and their key", () => {
    const names = recordsOf(undefined, system, createTailnet("enterprise")).map(nameOf)
    assert.deepStrictEqual(names, ["TAILNET.CREATE", "USER.CREATE", "API_KEY.CREATE"])
  })

  it("old and new values", () => {
    const values = (command: Command) => {
      const [record] = recordsOf(furnished(), owner, command)
      return [record?.["old"], record?.["new"]]
    }
    assert.deepStrictEqual(values({ _tag: "ChangeMemberRole", userId: "auditor", role: "admin" }), ["auditor", "admin"])
    assert.deepStrictEqual(values({ _tag: "ChangePlan", plan: "personal" }), ["enterprise", "personal"])
    assert.deepStrictEqual(values(settings({ devicesKeyDurationDays: 30 })), [180, 30])
    assert.deepStrictEqual(values(settings({ networkFlowLoggingOn: true })), [undefined, undefined])
    const [old, next] = values(on("PauseDestination"))
    assert.deepStrictEqual([Object(old)["state"], Object(next)["state"]], ["active", "paused"])
  })

  it("credentials in an address are left out", () => {
    const config = { ...s3, url: "https://user:p4ss@minio.example:9000/x?token=t0k#f" }
    const [line = ""] = linesOf(furnished(), owner, create("b", { config }))
    assert.include(line, "\"endpointURL\":\"https://minio.example:9000/x\"")
    assert.notMatch(line, /p4ss|t0k/)
  })

  it("`logged` never falls and never stands still", () => {
    const state = furnished()
    const sent = envelope(owner, settings({ httpsEnabled: true, usersApprovalOn: true }))
    const events = Result.getOrThrow(Tailnet.decide(state, sent))
    const taken = { record: Tailnet.recordOf(sent, state.version, events), lane: 0, offset: 0 }
    const last = { millis: at + 5, nanos: 999_999 }
    const { lines, logged } = Audit.auditLines(state, taken, { appendedAt: at, last })
    const times = lines.map((line): unknown => JSON.parse(line).logged)
    assert.deepStrictEqual(times, ["2026-07-27T12:10:27.135Z", "2026-07-27T12:10:27.135000001Z"])
    assert.deepStrictEqual(logged, { millis: at + 6, nanos: 1 })
  })

  it("a refused write is a FAILED_REQUEST of whoever tried", () => {
    const sent = envelope(user("auditor"), create("b"))
    const refusal = Result.getOrThrow(Result.flip(Tailnet.decide(furnished(), sent)))
    const record: Json = JSON.parse(Audit.failedRequestLine(furnished(), sent, refusal))
    assert.strictEqual(nameOf(record), "FAILED_REQUEST.UPDATE")
    assert.deepStrictEqual(record["target"], { id: "S9D5BAF788833CNTRL", name, type: "FAILED_REQUEST" })
    assert.match(String(record["error"]), /^the role auditor may not do this/)
    assert.strictEqual(record["actionDetails"], "CreateDestination")
  })

  it.each(
    [
      ["u", "uZKk3KSfrH11CNTRL", /^uZKk3KSfrH11CNTRL$/],
      ["S", "T1234CNTRL", /^S1234CNTRL$/],
      ["u", "k1234CNTRL", /^u[0-9A-F]{16}CNTRL$/],
      ["k", "7c9e6679", /^k[0-9A-F]{16}CNTRL$/]
    ] as const
  )("id %s of %s", (prefix, id, form) => {
    assert.match(Audit.controlId(prefix, id), form)
    assert.strictEqual(Audit.controlId(prefix, id), Audit.controlId(prefix, id))
  })
})
