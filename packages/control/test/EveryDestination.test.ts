/** Every type of destination: what is put comes back as it was given, and a secret never does. */
import { assert, layer } from "@effect/vitest"
import {
  type DestinationBody,
  DestinationBody as Body,
  destinationFields,
  type DestinationTypeName
} from "@tailrace/api"
import { codecsOf, receiverLimits } from "@tailrace/destinations"
import { isStoreType } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { Effect, Schema } from "effect"
import { wantedType } from "../src/destination/wanted/wantedOf.ts"
import { bodyOf, exampleOf, examples, streamExamples } from "./bodies.ts"
import { exampleCom } from "./commands.ts"
import { audit, createFrom, secretOf } from "./destinations.ts"
import { Server, serverLayer } from "./server.ts"

const stream = "tailnet/-/logging/configuration/stream"

const hec = { authScheme: "bearer", acknowledge: "never" }

/** Other words than those that hold where nothing is said. */
const ourChoices: Partial<Record<DestinationTypeName, object>> = {
  s3: { addressing: "virtual" },
  splunk: hec,
  panther: hec,
  cribl: hec,
  crowdstrike: hec,
  elastic: { authScheme: "basic" }
}

layer(serverLayer(), { excludeTestServices: true })("every type", (it) => {
  it.effect.each([...streamExamples])(
    "$type comes back from /stream as it was put",
    ({ open, secret }) =>
      Effect.gen(function*() {
        const { ask } = yield* Server
        assert.deepInclude(yield* ask("PUT", stream, { body: { ...open, ...secret } }), { status: 200, text: "" })
        assert.deepStrictEqual((yield* ask("GET", stream)).body, { logType: "configuration", ...open })
        // What it answers may be put again: the secret stays, and nothing has changed.
        const control = yield* ControlLog
        const before = control.tailnet(exampleCom)?.version
        assert.deepInclude(yield* ask("PUT", stream, { body: { logType: "configuration", ...open } }), { status: 200 })
        assert.strictEqual(control.tailnet(exampleCom)?.version, before)
      })
  )

  it.effect.each([...examples])(
    "$type comes back from our own endpoints with what only they say",
    (example) =>
      Effect.gen(function*() {
        const { open, ours, secret, type } = example
        const { ask } = yield* Server
        const { made, path } = yield* createFrom({ ...open, ...secret, name: `one of ${type}` })
        const { created: _, id, name: __, paused: ___, slot, updated: ____, updatedBy: _____, version, ...shown } = made
        assert.deepStrictEqual(shown, { logType: "configuration", ...open, ...ours })
        assert.deepStrictEqual([slot, version], [null, 1])
        assert.deepStrictEqual((yield* ask("GET", path)).body, made)
        assert.include((yield* secretOf(id)).secret, Object.values(secret)[0] ?? "")
        const again = yield* ask("PUT", path, { body: { ...open, ...ours } })
        assert.deepInclude(again.body, { version: 1 }, again.text)
      })
  )

  it.effect.each([...examples])(
    "$type keeps what only our endpoints say through Tailscale's",
    ({ open, secret, type }) =>
      Effect.gen(function*() {
        if (type === "azure" || type === "http") return
        const { ask } = yield* Server
        const more = {
          ...(isStoreType(type) ? { keyLayout: "live", emptyWindows: "manifest" } : {}),
          ...ourChoices[type],
          rules: { except: [{ events: ["NODE.*"] }] }
        }
        const path = "tailnet/-/logging/configuration/stream"
        yield* ask("DELETE", path)
        yield* ask("PUT", path, { body: { ...open, ...secret } })
        const list = JSON.parse((yield* ask("GET", audit)).text).destinations
        const { id } = list.find((it: { readonly slot: string | null }) => it.slot === "stream")
        const changed = yield* ask("PUT", `tailnet/-/destinations/${id}`, { body: { ...open, ...more } })
        assert.deepInclude(changed.body, more, changed.text)
        assert.strictEqual((yield* ask("PUT", path, { body: { ...open, user: "else" } })).status, 200)
        assert.deepInclude((yield* ask("GET", `tailnet/-/destinations/${id}`)).body, {
          ...more,
          user: "else",
          version: 3
        })
        const read = (yield* ask("GET", path)).body
        for (const name of Object.keys(more)) assert.notProperty(read, name)
      })
  )

  it.effect.each([...examples])("$type reads no field that it does not name", ({ type }) =>
    Effect.sync(() => {
      const read = new Set<string>()
      const body = Schema.decodeUnknownSync(Body)(bodyOf(type))
      const watched = new Proxy(body, {
        get: (target, name, receiver) => {
          read.add(String(name))
          return Reflect.get(target, name, receiver)
        }
      })
      const wanted = wantedType(type)
      wanted.read(watched, undefined)
      const named = destinationFields[type].fields.map(({ name }): string => name)
      assert.deepStrictEqual([...read].filter((name) => !named.includes(name)), [])
      assert.include(named, wanted.secretField)
    }))

  it.effect.each([...examples])(
    "$type says which codecs it takes, and takes them",
    ({ type }) =>
      Effect.gen(function*() {
        const { ask } = yield* Server
        const { fields, kind } = destinationFields[type]
        assert.strictEqual(kind === "store", isStoreType(type))
        const words = fields.find(({ name }) => name === "compressionFormat")?.words ?? ["none", "gzip", "zstd"]
        assert.deepStrictEqual([...words].toSorted(), [...codecsOf(type)].toSorted())
        const body = bodyOf(type)
        for (const compressionFormat of ["none", "gzip", "zstd"] as const) {
          const answer = yield* ask("POST", audit, { body: { ...body, compressionFormat } })
          if (codecsOf(type).includes(compressionFormat)) {
            assert.deepInclude(answer.body, { compressionFormat }, answer.text)
          } else {
            const message = `compressionFormat must be one of ${codecsOf(type).join(", ")} for ${type}`
            assert.deepInclude(answer, { status: 400, body: { message } })
          }
        }
        const { compressionFormat: _, ...silent } = body
        const made = yield* ask("POST", audit, { body: silent })
        assert.deepInclude(made.body, { compressionFormat: isStoreType(type) ? "zstd" : "gzip" })
        assert.isTrue(isStoreType(type) || receiverLimits[type].codecs.includes("gzip"))
      })
  )
})

layer(serverLayer(), { excludeTestServices: true })("rules", (it) => {
  it.effect("come back, stay where nothing is said, and go with an empty object", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const rules = { only: [{ events: ["NODE.*"] }], redact: [{ field: "actor.loginName", how: "hash" }] }
      const { open } = exampleOf("splunk")
      const { made, path } = yield* createFrom({ ...bodyOf("splunk"), rules })
      assert.deepStrictEqual(made.rules, rules)
      const kept: DestinationBody | object = { ...open, user: "other" }
      assert.deepInclude((yield* ask("PUT", path, { body: kept })).body, { rules, version: 2 })
      const without = yield* ask("PUT", path, { body: { ...kept, rules: {} } })
      assert.deepInclude(without.body, { version: 3 })
      assert.notProperty(without.body, "rules")
    }))

  it.effect.each([
    {
      rules: { only: [{ nodes: ["n1CNTRL"] }] },
      message: "rules.only.0.nodes must not be given here: it is for network logs"
    },
    { rules: { only: [] }, message: "rules.only must be a list of 1 to 50 conditions" },
    { rules: { keep: 1 }, message: "rules.keep is not a known field" },
    { rules: 1, message: "rules must be an object with only, except or redact" },
    {
      rules: { redact: [{ field: "actor", how: "burn" }] },
      message: "rules.redact.0.how must be one of mask, hash, drop"
    }
  ])("that cannot be: $message", ({ message, rules }) =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const answer = yield* ask("POST", audit, { body: { ...bodyOf("splunk"), rules } })
      assert.deepInclude(answer, { status: 400, body: { message } })
    }))
})
