// What a destination of type azure meets: keys and shared access signatures that may more or less, at Azurite; and what
// may stand in the place of the service.
import { assert, describe, it, layer } from "@effect/vitest"
import { ObjectStores, type ObjectToPut } from "@tailrace/destinations"
import type { AzureConfig } from "@tailrace/domain"
import { Effect, Fiber, Layer, Redacted } from "effect"
import type { Socket } from "node:net"
import { azurite } from "../src/azure/azurite.ts"
import { account, accountKey, container, privateContainer, privateSas } from "../src/azure/azuriteAccount.ts"
import { httpServer, tcpServer } from "../src/store/listening.ts"
import { misfortunes, show } from "../src/store/misfortunes.ts"
import { localStores, StoreSite } from "../src/store/StoreSite.ts"
import { lacks, naming } from "../src/tool.ts"

const config = (url: string, more: Partial<AzureConfig> = {}): AzureConfig => ({
  _tag: "azure",
  url,
  account,
  container,
  keyPrefix: "",
  auth: "sharedkey",
  ...more
})

const object = (key: string, more: Partial<ObjectToPut> = {}): ObjectToPut => ({
  key,
  body: new TextEncoder().encode("{}\n"),
  contentType: "application/x-ndjson",
  metadata: { seal: "s_1" },
  onlyIfAbsent: true,
  ...more
})

const open = Effect.fnUntraced(function*(config: AzureConfig, secret: Redacted.Redacted = accountKey) {
  return yield* (yield* ObjectStores).open(config, secret)
})

const withSas = Effect.fnUntraced(function*(sas: Redacted.Redacted) {
  const { url } = yield* StoreSite
  return yield* open(config(url, { auth: "sas", account: "", container: privateContainer }), sas)
})

describe.skipIf(lacks(...azurite.needs))(naming("at Azurite", ...azurite.needs), () => {
  const site = Layer.merge(StoreSite.layer(azurite), localStores)
  layer(site, { timeout: "10 minutes", excludeTestServices: true })((it) => {
    it.effect("a shared access signature that may read and write does all", () =>
      Effect.gen(function*() {
        const store = yield* withSas(privateSas("rcw"))
        assert.strictEqual(show(yield* store.put(object("sas/one"))), "Delivered")
        assert.strictEqual(show(yield* store.put(object("sas/one"))), "Taken")
        assert.deepStrictEqual(yield* store.inspect("sas/one"), { _tag: "Found", seal: "s_1" })
        assert.deepStrictEqual(yield* store.inspect("sas/two"), { _tag: "Missing" })
      }))

    // Of a blob that is there, the service says UnauthorizedBlobOverwrite, which is "taken"; Azurite has no such code.
    it.effect("one that may only create does, and what lies there is not shown", () =>
      Effect.gen(function*() {
        const store = yield* withSas(privateSas("c"))
        assert.strictEqual(show(yield* store.put(object("create/one"))), "Delivered")
        assert.strictEqual((yield* store.inspect("create/one"))._tag, "Forbidden")
      }))

    it.effect("one that may only read, that is over, or that is forged, is the owner's to mend", () =>
      Effect.gen(function*() {
        const right = privateSas("rcw")
        const forged = Redacted.make(Redacted.value(right).replace("sp=rcw", "sp=rcwd"))
        const secrets = [privateSas("r"), privateSas("rcw", "2020-01-01T00:00:00Z"), forged]
        const answers = yield* Effect.forEach(
          secrets,
          (sas) => Effect.flatMap(withSas(sas), (store) => store.put(object("never/sas")))
        )
        for (const answer of answers) {
          assert.match(show(answer), /^Misconfigured 403: HTTP 403 (Authorization|Authentication)[A-Za-z]+: /)
          for (const sas of secrets) {
            const signature = new URLSearchParams(Redacted.value(sas)).get("sig") ?? ""
            assert.notInclude(show(answer), signature)
            assert.notInclude(show(answer), encodeURIComponent(signature))
          }
        }
      }))

    it.effect("a wrong key or account is the owner's to mend, whatever the size", () =>
      Effect.gen(function*() {
        const { objects, url } = yield* StoreSite
        const wrong = yield* open(config(url), Redacted.make("d3Jvbmc="))
        const body = new Uint8Array(5_000_000)
        assert.match(show(yield* wrong.put(object("never/key"))), /^Misconfigured 403: HTTP 403 Auth/)
        assert.match(show(yield* wrong.put(object("never/big", { body }))), /^Misconfigured 403: HTTP 403 Auth/)
        const inspecting = yield* open(config(url, { container: privateContainer }), Redacted.make("d3Jvbmc="))
        assert.strictEqual((yield* inspecting.inspect("never/key"))._tag, "Forbidden")
        const nobody = yield* open(config(url, { account: "somebodyelse" }))
        assert.match(show(yield* nobody.put(object("never/account"))), /^Misconfigured 40[34]: /)
        assert.deepStrictEqual(yield* objects.keys("never/"), [])
      }))

    it.effect("a container that is missing is no missing blob", () =>
      Effect.gen(function*() {
        const { url } = yield* StoreSite
        const store = yield* open(config(url, { container: "no-such-place" }))
        assert.match(show(yield* store.inspect("k")), /^Failed 404: HTTP 404 ContainerNotFound$/)
      }))
  })
})

describe("in the place of the service", () => {
  it.live.each(misfortunes)("$name", ({ expected, serve }) =>
    Effect.gen(function*() {
      const store = yield* open(config(yield* serve))
      assert.match(show(yield* store.put(object("k"))), expected)
      assert.notStrictEqual((yield* store.inspect("k"))._tag, "Found")
    }).pipe(Effect.provide(localStores)))

  it.live("a server that shows what it was sent", () =>
    Effect.gen(function*() {
      const url = yield* httpServer((request, response) =>
        response.writeHead(400).end(`${request.url} ${request.headers.authorization} ${Redacted.value(accountKey)}`)
      )
      const byKey = show(yield* (yield* open(config(url))).put(object("k")))
      assert.match(byKey, /^Misconfigured 400: HTTP 400: .*SharedKey tailracelogs:\[secret\] \[secret\]$/)
      const sas = privateSas("rcw")
      const bySas = show(yield* (yield* open(config(url, { auth: "sas" }), sas)).put(object("k")))
      assert.notMatch(bySas, /sig=(?!\[hidden\])/)
      assert.notInclude(bySas, Redacted.value(sas).split("sig=")[1] ?? "-")
    }).pipe(Effect.provide(localStores)))

  it.live("silence: the request can be interrupted, and its connection is gone", () =>
    Effect.gen(function*() {
      const sockets = new Set<Socket>()
      const url = yield* tcpServer((socket) => {
        sockets.add(socket.resume())
        socket.on("close", () => sockets.delete(socket))
      })
      const store = yield* open(config(url))
      const fiber = yield* Effect.forkChild(store.put(object("k")))
      yield* Effect.sleep("200 millis")
      assert.strictEqual(sockets.size, 1)
      yield* Fiber.interrupt(fiber)
      yield* Effect.sleep("50 millis")
      assert.strictEqual(sockets.size, 0)
    }).pipe(Effect.provide(localStores)))

  it.live("a request asks for what Blob Storage asks for", () =>
    Effect.gen(function*() {
      const seen: Array<Readonly<Record<string, unknown>>> = []
      const url = yield* httpServer((request, response) => {
        seen.push({ ...request.headers, method: request.method, url: request.url })
        request.resume().once("end", () => response.writeHead(201).end())
      })
      const store = yield* open(config(url))
      assert.strictEqual(
        show(yield* store.put(object("a/b c.json", { metadata: { "config-version": "3" } }))),
        "Delivered"
      )
      assert.deepInclude(seen[0], {
        method: "PUT",
        url: `/${container}/a/b%20c.json`,
        "content-length": "3",
        "content-type": "application/x-ndjson",
        "if-none-match": "*",
        "x-ms-blob-type": "BlockBlob",
        "x-ms-meta-config_version": "3",
        "x-ms-version": "2021-12-02"
      })
      assert.notProperty(seen[0], "content-encoding")
    }).pipe(Effect.provide(localStores)))
})
