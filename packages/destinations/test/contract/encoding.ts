/** The contract's part about bodies: within the limits, every record once and in order, and as it was announced. */
import { assert, describe, it } from "@effect/vitest"
import type { Codec } from "@tailrace/domain"
import { Effect } from "effect"
import * as fc from "fast-check"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { asRecords } from "../hec/asRecords.ts"
import { scriptedServer } from "../network/ScriptedServer.ts"
import { anyRecords, usualRecords } from "../record/records.ts"
import { flowRecord, flowRecords, guard, openAt, requestOf, type Specimen, wallMillis } from "./Specimen.ts"

const opened = (specimen: Specimen) => Effect.scoped(openAt(specimen, "http://127.0.0.1:1")).pipe(Effect.provide(guard))

/** Bodies, one after another, until all are looked at. */
const encodeAll = Effect.fnUntraced(function*(specimen: Specimen, texts: ReadonlyArray<string>) {
  const { encode, limits } = yield* opened(specimen)
  const all = asRecords(texts)
  const into = new Uint8Array(limits.requestBytes)
  const bodies: Array<Buffer> = []
  const refused: Array<number> = []
  for (let at = 0; at < texts.length;) {
    const left = asRecords(texts.slice(at))
    const encoded = encode(left, into, wallMillis())
    assert.isAtLeast(encoded.taken, 1)
    assert.isAtMost(encoded.bytes, limits.requestBytes)
    for (const { index } of encoded.refused) refused.push(at + index)
    const body = Buffer.from(into.slice(0, encoded.bytes))
    const count = encoded.taken - encoded.refused.length
    if (encoded.bytes > 0) bodies.push(body)
    assert.strictEqual(encoded.bytes === 0 ? 0 : specimen.events(body), count)
    assert.isAtMost(count, limits.requestRecords)
    at += encoded.taken
  }
  assert.strictEqual(all.count, texts.length)
  return { bodies, refused }
})

const limited = (specimen: Specimen) =>
  describe("a body", () => {
    it.effect("has every record once, in order", () =>
      Effect.gen(function*() {
        const { limits } = yield* opened(specimen)
        const texts = flowRecords(Math.min(2 * limits.requestRecords + 1, 12_000))
        const { bodies, refused } = yield* encodeAll(specimen, texts)
        const ids = Buffer.concat(bodies).toString().match(/n\d+CNTRL/g) ?? []
        assert.deepStrictEqual([ids, refused], [texts.map((_, index) => `n${index}CNTRL`), []])
      }))

    it.effect("is not longer than one request may be", () =>
      Effect.gen(function*() {
        const { bodies } = yield* encodeAll(specimen, flowRecords(90, 100_000))
        assert.isAbove(bodies.length, 1)
      }))

    it.effect("is without a record that is too large alone", () =>
      Effect.gen(function*() {
        const { limits } = yield* opened(specimen)
        const texts = [flowRecord(0), flowRecord(1, limits.recordBytes + 2_000), flowRecord(2)]
        const { bodies, refused } = yield* encodeAll(specimen, texts)
        assert.deepStrictEqual(refused, [1])
        assert.deepStrictEqual(Buffer.concat(bodies).toString().match(/n\d+CNTRL/g), ["n0CNTRL", "n2CNTRL"])
      }))
  })

const drawn = (specimen: Specimen) =>
  it.effect("any records", () =>
    Effect.gen(function*() {
      const receiver = yield* opened(specimen)
      const into = new Uint8Array(receiver.limits.requestBytes)
      const records = fc.array(fc.oneof(usualRecords("flow"), anyRecords), { minLength: 1, maxLength: 5 })
      fc.assert(
        fc.property(records, (texts) => {
          const { bytes, refused, taken } = receiver.encode(asRecords(texts), into, Date.now())
          const count = bytes === 0 ? 0 : specimen.events(Buffer.from(into.slice(0, bytes)))
          assert.strictEqual(count, taken - refused.length)
        }),
        { numRuns: 200 }
      )
    }))

const compress: Readonly<Record<Codec, (body: Uint8Array) => Uint8Array>> = {
  none: (body) => body,
  gzip: (body) => gzipSync(body, { level: 1 }),
  zstd: (body) => zstdCompressSync(body)
}

const compressed = (specimen: Specimen) =>
  it.live("is announced as it is compressed", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer()
      server.replyTo = specimen.healthy
      const receiver = yield* openAt(specimen, server.url)
      const request = requestOf(receiver, flowRecords(3))
      for (const codec of receiver.limits.codecs) {
        const body = compress[codec](request.body)
        assert.strictEqual((yield* receiver.send({ ...request, body, codec }, {}))._tag, "Accepted")
        const got = server.got.at(-1)
        assert.strictEqual(got?.headers["content-encoding"], codec === "none" ? undefined : codec)
        assert.isTrue(got?.body.equals(body))
        assert.strictEqual(got?.method, "POST")
      }
    }).pipe(Effect.provide(guard)))

export const encoding = (specimen: Specimen) => {
  limited(specimen)
  drawn(specimen)
  compressed(specimen)
}
