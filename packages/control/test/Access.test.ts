import { assert, describe, it, layer } from "@effect/vitest"
import { ControlLog } from "@tailrace/event-store"
import { Log, recordsOf } from "@tailrace/log"
import { Clock, Effect, Stream } from "effect"
import { FailureLimit, maxFailuresPerMinute } from "../src/access/FailureLimit.ts"
import { exampleCom, execute, keyOf } from "./commands.ts"
import { ownerKey, s3Body, Server, serverLayer } from "./server.ts"

const stream = "tailnet/-/logging/configuration/stream"
const settings = "tailnet/-/settings"

const unauthorized = (message: string) => ({ status: 401, type: "application/json", body: { message } })
const noKey = "API token missing: send the key as user name of HTTP Basic, or as Bearer token"
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`

layer(serverLayer(), { excludeTestServices: true })("credentials", (it) => {
  it.effect("are Basic with the key as user name, or Bearer", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      for (const authorization of [basic(`${ownerKey}:`), basic(`${ownerKey}:ignored`), `Bearer ${ownerKey}`]) {
        assert.strictEqual((yield* ask("GET", settings, { authorization })).status, 200)
      }
      assert.strictEqual((yield* ask("GET", settings, { authorization: `bearer ${ownerKey}` })).status, 200)
    }))

  it.effect("are refused when missing, wrong, expired or revoked", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      for (const authorization of ["", "Basic", "Basic !", "Token x", basic(":")]) {
        assert.deepInclude(yield* ask("GET", settings, { authorization }), unauthorized(noKey))
      }
      for (const authorization of [basic("tskey-api-x:"), "Bearer tskey-api-x", basic(`:${ownerKey}`)]) {
        assert.strictEqual((yield* ask("GET", settings, { authorization })).status, 401)
      }
      assert.deepInclude(yield* ask("GET", settings, { key: "tskey-x" }), unauthorized("API token invalid"))
      const bearer = { authorization: "Bearer tskey-x" }
      assert.deepInclude(yield* ask("GET", settings, bearer), unauthorized("API token invalid"))
      const { key: expired } = yield* keyOf("admin", { expiresAt: (yield* Clock.currentTimeMillis) - 1 })
      assert.deepInclude(yield* ask("GET", settings, { key: expired }), unauthorized("API token expired"))
      const { key, keyId } = yield* keyOf("admin")
      assert.strictEqual((yield* ask("GET", settings, { key })).status, 200)
      assert.strictEqual((yield* ask("DELETE", `tailnet/-/keys/${keyId}`)).status, 200)
      assert.deepInclude(yield* ask("GET", settings, { key }), unauthorized("API token revoked"))
    }))

  it.effect("end with their member", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const { key, userId } = yield* keyOf("auditor")
      assert.strictEqual((yield* ask("POST", `users/${userId}/delete`)).status, 200)
      assert.deepInclude(yield* ask("GET", settings, { key }), unauthorized("API token revoked"))
    }))
})

layer(serverLayer(), { excludeTestServices: true })("roles", (it) => {
  const reads = ["settings", "logging/configuration/destinations", "users"]
  const table = {
    owner: { reads: 200, stream: 200, flowLogs: 200, members: 200, readsKeys: 200 },
    admin: { reads: 200, stream: 200, flowLogs: 200, members: 200, readsKeys: 200 },
    "network-admin": { reads: 200, stream: 200, flowLogs: 200, members: 403, readsKeys: 200 },
    "it-admin": { reads: 200, stream: 200, flowLogs: 200, members: 200, readsKeys: 200 },
    "billing-admin": { reads: 200, stream: 403, flowLogs: 403, members: 403, readsKeys: 403 },
    auditor: { reads: 200, stream: 403, flowLogs: 403, members: 403, readsKeys: 403 },
    member: { reads: 403, stream: 403, flowLogs: 403, members: 403, readsKeys: 403 }
  } as const

  it.effect.each(Object.entries(table).map(([role, expected]) => ({ role, expected })))(
    "of $role",
    ({ expected, role }) =>
      Effect.gen(function*() {
        const { ask } = yield* Server
        const named = roleNamed(role)
        const key = named === undefined ? ownerKey : (yield* keyOf(named)).key
        for (const path of reads) {
          assert.strictEqual((yield* ask("GET", `tailnet/-/${path}`, { key })).status, expected.reads, path)
        }
        assert.strictEqual((yield* ask("PUT", stream, { key, body: s3Body })).status, expected.stream)
        const flowLogs = { networkFlowLoggingOn: role.length % 2 === 0 }
        yield* execute({ _tag: "ChangeSettings", changes: { networkFlowLoggingOn: !flowLogs.networkFlowLoggingOn } })
        assert.strictEqual((yield* ask("PATCH", settings, { key, body: flowLogs })).status, expected.flowLogs)
        const body = { loginName: `by-${role}@example.com`, role: "member" }
        assert.strictEqual((yield* ask("POST", "tailnet/-/users", { key, body })).status, expected.members)
        assert.strictEqual((yield* ask("GET", "tailnet/-/keys", { key })).status, expected.readsKeys)
      })
  )

  it.effect("that may not see a stream are told that there is none", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      yield* ask("PUT", stream, { body: s3Body })
      const { key } = yield* keyOf("member")
      assert.strictEqual((yield* ask("GET", stream, { key })).status, 404)
      assert.strictEqual((yield* ask("GET", stream, { key: (yield* keyOf("auditor")).key })).status, 200)
    }))
})

const roleNamed = (role: string) =>
  (["admin", "network-admin", "it-admin", "billing-admin", "auditor", "member"] as const).find((it) => it === role)

const auditTexts = Effect.gen(function*() {
  const log = yield* Log
  const lanes = Array.from({ length: log.lanes }, (_, lane) => lane)
  const texts = yield* Effect.forEach(lanes, (lane) =>
    Effect.gen(function*() {
      const { next } = yield* log.bounds("audit", lane)
      if (next === 0) return []
      return yield* log.follow("audit", lane, 0).pipe(
        Stream.takeUntil((chunk) => chunk.next >= next),
        Stream.map((chunk) => recordsOf(chunk).map(({ value }) => new TextDecoder().decode(value ?? undefined))),
        Stream.flattenIterable,
        Stream.runCollect
      )
    }))
  return texts.flat()
})

layer(serverLayer(), { excludeTestServices: true })("refused writes", (it) => {
  it.effect("stand in the audit log as failed requests, with their reason", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const { key, userId } = yield* keyOf("auditor")
      const refused = yield* ask("PUT", stream, { key, body: s3Body })
      assert.deepInclude(refused, {
        status: 403,
        body: { message: "the role auditor may not do this: it takes destinations:write" }
      })
      const [text = "", ...others] = yield* auditTexts
      assert.deepStrictEqual(others, [])
      assert.deepInclude(JSON.parse(text), {
        action: "UPDATE",
        origin: "CONFIG_API",
        actionDetails: "PutStream",
        error: "the role auditor may not do this: it takes destinations:write"
      })
      assert.strictEqual(JSON.parse(text).actor.id, userId)
      assert.strictEqual(JSON.parse(text).target.type, "FAILED_REQUEST")
      assert.notInclude(text, s3Body.s3SecretAccessKey)
    }))

  it.effect("are at most sixty a minute", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const { key } = yield* keyOf("auditor")
      yield* Effect.replicateEffect(ask("DELETE", stream, { key }), 70, { concurrency: 8 })
      assert.strictEqual((yield* auditTexts).length, 60)
    }))
})

layer(serverLayer(), { excludeTestServices: true })("keys, tokens and members", (it) => {
  it.effect("a key is shown once, works, and is listed without itself", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const made = yield* ask("POST", "tailnet/-/keys", { body: { description: "backup", expirySeconds: 3600 } })
      const { id, key } = JSON.parse(made.text)
      assert.match(key, /^tskey-api-k\w+CNTRL-\w{32}$/)
      assert.strictEqual((yield* ask("GET", settings, { key })).status, 200)
      const shown = yield* ask("GET", `tailnet/-/keys/${id}`)
      assert.deepInclude(shown.body, { id, description: "backup", keyType: "api", invalid: false })
      const list = yield* ask("GET", "tailnet/-/keys")
      assert.include(list.text, id)
      assert.include(list.text, "lastUsed")
      for (const { text } of [shown, list]) assert.notInclude(text, key)
      assert.strictEqual((yield* ask("DELETE", `tailnet/-/keys/${id}`)).status, 200)
      assert.deepInclude((yield* ask("GET", `tailnet/-/keys/${id}`)).body, { invalid: true })
      assert.deepInclude(yield* ask("DELETE", `tailnet/-/keys/${id}`), {
        status: 404,
        body: { message: `key ${id} not found` }
      })
    }))

  it.effect("an ingest token is shown once and revoked", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const path = "tailnet/-/ingest-tokens"
      const made = JSON.parse((yield* ask("POST", path, { body: { description: "headscale" } })).text)
      assert.match(made.token, /^tskey-ingest-/)
      const list = yield* ask("GET", path)
      assert.deepInclude(list.body, { tokens: [{ id: made.id, description: "headscale", created: made.created }] })
      assert.notInclude(list.text, made.token)
      assert.strictEqual((yield* ask("GET", settings, { key: made.token })).status, 401)
      assert.strictEqual((yield* ask("DELETE", `${path}/${made.id}`)).status, 200)
      assert.include((yield* ask("GET", path)).text, "revoked")
    }))

  it.effect("a member is added, seen, changed and removed", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const control = yield* ControlLog
      const body = { loginName: "alice@example.com", displayName: "Alice", role: "auditor" }
      const alice = JSON.parse((yield* ask("POST", "tailnet/-/users", { body })).text)
      const tailnetId = control.tailnet(exampleCom)?.id
      assert.deepInclude(alice, { ...body, tailnetId, type: "member", status: "active" })
      assert.strictEqual((yield* ask("POST", `users/${alice.id}/role`, { body: { role: "it-admin" } })).status, 200)
      assert.deepInclude((yield* ask("GET", `users/${alice.id}`)).body, { role: "it-admin" })
      const found = JSON.parse((yield* ask("GET", "tailnet/-/users?role=it-admin")).text)
      assert.deepStrictEqual(found.users.map((user: { readonly id: string }) => user.id), [alice.id])
      assert.strictEqual((yield* ask("POST", "tailnet/-/users", { body })).status, 409)
      assert.strictEqual((yield* ask("POST", `users/${alice.id}/delete`)).status, 200)
      assert.strictEqual((yield* ask("GET", `users/${alice.id}`)).status, 404)
    }))
})

describe("FailureLimit", () => {
  it("is of an address and a minute", () => {
    const limit = new FailureLimit()
    const exceeded = (address: string, now: number) => limit.isExceeded(address, now)
    for (let count = 0; count < maxFailuresPerMinute; count++) assert.isFalse(exceeded("a", count))
    assert.isTrue(exceeded("a", 1000))
    assert.isFalse(exceeded("b", 1000))
    assert.isFalse(exceeded("a", 60_000))
  })
})
