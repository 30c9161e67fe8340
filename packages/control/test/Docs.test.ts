import { assert, layer } from "@effect/vitest"
import { fieldsOfTailscale, StreamType } from "@tailrace/api"
import { ControlLog } from "@tailrace/event-store"
import { Effect } from "effect"
import { examples, typeSecret } from "./bodies.ts"
import { exampleCom, keyOf } from "./commands.ts"
import { ownerKey, s3Body, Server, serverLayer } from "./server.ts"

const anonymous = { authorization: "" }

layer(serverLayer(), { excludeTestServices: true })("served without credentials", (it) => {
  it.effect("the API's description", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const answer = yield* ask("GET", "/openapi.json", anonymous)
      assert.deepInclude(answer, { status: 200, type: "application/json" })
      const spec = JSON.parse(answer.text)
      assert.match(spec.openapi, /^3\.1/)
      const stream = spec.paths["/api/v2/tailnet/{tailnet}/logging/{logType}/stream"]
      assert.deepStrictEqual(Object.keys(stream), ["get", "put", "delete"])
      assert.deepStrictEqual(Object.keys(spec.components.securitySchemes), ["basic", "bearer"])
      assert.isAbove(Object.keys(spec.paths).length, 20)
    }))

  it.effect("every field of a stream, with what it means and which are written only", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const { components: { schemas } } = JSON.parse((yield* ask("GET", "/openapi.json", anonymous)).text)
      const { properties } = schemas.StreamBody
      const names = Object.keys(properties)
      assert.deepStrictEqual(names, ["destinationType", ...Object.keys(fieldsOfTailscale)])
      for (const name of names) assert.isString(properties[name].description, name)
      const writeOnly = names.filter((name) => JSON.stringify(properties[name]).includes("\"format\":\"password\""))
      assert.deepStrictEqual(writeOnly, ["token", "s3SecretAccessKey", "gcsCredentials"])
      assert.includeMembers(Object.keys(schemas.DestinationBody.properties), [...names, "azureSecret", "rules"])
      assert.deepStrictEqual(properties.destinationType.enum.toSorted(), StreamType.literals.toSorted())
    }))

  it.effect("the documentation, which loads nothing from anywhere", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const docs = yield* ask("GET", "/docs", anonymous)
      assert.strictEqual(docs.status, 200)
      assert.match(docs.type, /^text\/html/)
      assert.include(docs.text, "SwaggerUIBundle")
      assert.notMatch(docs.text, /<(script|link|img|iframe)[^>]+(src|href)="(https?:)?\/\//)
      // The client follows the redirect.
      assert.strictEqual((yield* ask("GET", "/", anonymous)).text, docs.text)
    }))
})

layer(serverLayer(), { excludeTestServices: true })("secrets", (it) => {
  it.effect.each([...examples])(
    "of $type are in nothing that is read",
    ({ open, secret, type }) =>
      Effect.gen(function*() {
        const { ask, memory } = yield* Server
        const [field = "", value = ""] = Object.entries(secret)[0] ?? []
        const path = "tailnet/-/logging/network/destinations"
        const made = yield* ask("POST", path, { body: { ...open, ...secret } })
        assert.strictEqual(made.status, 200, made.text)
        const one = `tailnet/-/destinations/${JSON.parse(made.text).id}`
        const answers = [
          made,
          yield* ask("GET", one),
          yield* ask("PUT", one, { body: { ...open, [field]: `${value} ` } }),
          yield* ask("PUT", one, { body: { ...open, ...secret, compressionFormat: value.slice(0, 100) } }),
          yield* ask("PUT", one, { body: { ...open, [field]: [value] } }),
          yield* ask("GET", `${one}/history`),
          yield* ask("GET", path),
          yield* ask("GET", `${one}/status`),
          yield* ask("POST", path, { body: { ...open, ...secret }, key: (yield* keyOf("auditor")).key })
        ]
        // Also of a service account's file, which holds more than a key.
        const parts = type === "gcs" ? [typeSecret, "PRIVATE KEY"] : [value]
        const control = yield* ControlLog
        const state = JSON.stringify([...control.tailnet(exampleCom)?.destinations.values() ?? []])
        const text = new TextDecoder()
        const logged = (["control", "secrets", "audit", "ledger"] as const).flatMap((topic) =>
          [0, 1].flatMap((lane) => memory.records(topic, lane)).map(({ value }) => text.decode(value ?? undefined))
        )
        for (const it of [...answers.map(({ text }) => text), state, ...logged]) {
          for (const part of parts) assert.isFalse(it.includes(part), `the secret of ${type} stands where it is read`)
        }
      })
  )

  it.effect("are in no answer, whatever is asked or goes wrong", () =>
    Effect.gen(function*() {
      const { ask, memory } = yield* Server
      const secret = "s3cr3t-Access-Key-Value"
      const body = { ...s3Body, s3SecretAccessKey: secret, token: secret, gcsCredentials: secret }
      const made = yield* ask("POST", "tailnet/-/logging/configuration/destinations", { body })
      const { id } = JSON.parse(made.text)
      const answers = [
        made,
        yield* ask("PUT", "tailnet/-/logging/configuration/stream", { body }),
        yield* ask("PUT", `tailnet/-/destinations/${id}`, { body: { ...body, s3SecretAccessKey: `${secret}2` } }),
        yield* ask("PUT", "tailnet/-/logging/configuration/stream", { body: { ...body, s3SecretAccessKey: [secret] } }),
        yield* ask("PUT", "tailnet/-/logging/configuration/stream", {
          body: { ...body, [secret]: secret, s3Bucket: "" }
        }),
        yield* ask("PUT", "tailnet/-/logging/configuration/stream", {
          body: { ...body, url: `https://u:${secret}@x.example` }
        }),
        yield* ask("PUT", "tailnet/-/logging/network/stream", { body, key: (yield* keyOf("auditor")).key }),
        yield* ask("GET", "tailnet/-/logging/configuration/stream", { key: secret })
      ]
      const reads = [
        "tailnet/-/logging/configuration/stream",
        "tailnet/-/logging/configuration/stream/status",
        "tailnet/-/logging/configuration/destinations",
        `tailnet/-/destinations/${id}`,
        `tailnet/-/destinations/${id}/status`,
        `tailnet/-/destinations/${id}/history`,
        "tailnet/-/logging/configuration?start=2020-01-01T00:00:00Z&end=2100-01-01T00:00:00Z",
        "tailnet/-/keys",
        "tailnet/-/users",
        "/openapi.json"
      ]
      for (const path of reads) answers.push(yield* ask("GET", path))
      const named = answers.filter(({ text }) => text.includes(secret)).map(({ text }) => text)
      // The one answer that names it is the one to a field of that name: clients must see which field is unknown.
      assert.deepStrictEqual(named, [`{"message":"${secret} is not a known field"}`])
      for (const { text } of answers) assert.notInclude(text, ownerKey)
      const control = yield* ControlLog
      const state = JSON.stringify([...control.tailnet(exampleCom)?.destinations.values() ?? []])
      assert.notInclude(state, secret)
      for (const topic of ["control", "secrets", "audit"] as const) {
        const values = [0, 1].flatMap((lane) => memory.records(topic, lane)).map(({ value }) =>
          new TextDecoder().decode(value ?? undefined)
        )
        assert.isFalse(values.some((value) => value.includes(secret) || value.includes(ownerKey)), topic)
      }
    }))
})
