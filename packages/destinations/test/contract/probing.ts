/** The contract's part about probes: what they do to a service, and what is said of what it answers. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { gunzipSync } from "node:zlib"
import { type Got, scriptedServer } from "../network/ScriptedServer.ts"
import { guard, openAt, sendThree, type Specimen } from "./Specimen.ts"

const eventsOf = (specimen: Specimen, got: ReadonlyArray<Got>) =>
  got.filter(({ method }) => method === "POST").map(({ body, headers }) =>
    specimen.events(headers["content-encoding"] === "gzip" ? gunzipSync(body) : body)
  ).reduce((sum, count) => sum + count, 0)

const probeAt = (specimen: Specimen, kind: "look" | "sample", reply: Specimen["healthy"]) =>
  Effect.gen(function*() {
    const server = yield* scriptedServer()
    server.replyTo = reply
    const receiver = yield* openAt(specimen, server.url)
    return { found: yield* receiver.probe(kind), got: server.got }
  }).pipe(Effect.scoped, Effect.provide(guard))

const healthy = (specimen: Specimen) => {
  it.live("a look finds a working service, and leaves no event there", () =>
    Effect.gen(function*() {
      const { found, got } = yield* probeAt(specimen, "look", specimen.healthy)
      assert.strictEqual(found._tag, "Usable")
      assert.isAtLeast(got.length, 1)
      assert.strictEqual(eventsOf(specimen, got), 0)
    }))

  it.live("a sample leaves one event, marked as a test, and shows the answer", () =>
    Effect.gen(function*() {
      const { found, got } = yield* probeAt(specimen, "sample", specimen.healthy)
      assert.strictEqual(found._tag, "Usable")
      assert.strictEqual(eventsOf(specimen, got), 1)
      assert.match(got.map(({ body }) => body.toString()).join(), /test/i)
      assert.isTrue(found._tag === "Usable" && found.message !== "" && found.message.length <= 300)
    }))

  it.live("what was found serves to send", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer()
      server.replyTo = specimen.healthy
      const receiver = yield* openAt(specimen, server.url)
      yield* receiver.probe("look")
      assert.deepStrictEqual(yield* sendThree(receiver), { _tag: "Accepted", slower: false })
    }).pipe(Effect.provide(guard)))
}

const failing = (specimen: Specimen) =>
  it.live.each(
    [
      [401, "Misconfigured"],
      [403, "Misconfigured"],
      [404, "Misconfigured"],
      [307, "Misconfigured"],
      [429, "Transient"],
      [500, "Transient"],
      [503, "Transient"]
    ] as const
  )("%i: %s", ([status, tag]) =>
    Effect.gen(function*() {
      for (const kind of ["look", "sample"] as const) {
        const { found, got } = yield* probeAt(specimen, kind, () => ({ status, body: "because" }))
        assert.deepInclude(found, { _tag: tag, status }, kind)
        assert.strictEqual(kind === "look" ? eventsOf(specimen, got) : 0, 0)
      }
    }))

export const probing = (specimen: Specimen) =>
  describe("a probe", () => {
    healthy(specimen)
    failing(specimen)
  })
