import { assert, describe, it } from "@effect/vitest"
import { TailnetName } from "@tailrace/domain"
import type { Entry } from "@tailrace/log"
import * as fc from "fast-check"
import type { HecAnswer } from "../src/hec/HecAnswer.ts"
import { HecBody } from "../src/hec/HecBody.ts"
import type { IntakeOptions } from "../src/record/RecordIntake.ts"
import { envelope, exported, fixture } from "./reference.ts"

const tailnet = TailnetName.make("example.com")
const nowMillis = 1_780_500_000_000
const now = new Date(nowMillis).toISOString()
const options: IntakeOptions = { tailnet, nowMillis, maxRecordBytes: 4096, flowRefusal: undefined, only: undefined }

interface Read {
  readonly answer: HecAnswer
  readonly audit: ReadonlyArray<string>
  readonly flow: ReadonlyArray<string>
}

const textOf = ({ value }: Entry): string => Buffer.from(value ?? []).toString("utf8")

const read = (pieces: Iterable<Uint8Array>, changes: Partial<IntakeOptions> = {}): Read => {
  const body = new HecBody({ ...options, ...changes })
  for (const piece of pieces) body.push(piece)
  const answer = body.finish()
  const { configuration, network } = body.intake.entries
  return { answer, audit: configuration.map(textOf), flow: network.map(textOf) }
}

const whole = (text: string): Read => read([Buffer.from(text)])

const sample = fixture("hec_network_and_audit_body.raw.txt")
const flowText = "{\"nodeId\":\"n1\",\"start\":\"2026-07-24T09:05:00Z\",\"end\":\"2026-07-24T09:05:05Z\"}"
const flow = `{"time":1780500776.773,"event":${flowText},"fields":{"recorded":"2026-06-03T15:33:01.552946176Z"}}`
const flowOut = `{"logged":"2026-06-03T15:33:01.552946176Z",${flowText.slice(1)}`

describe("HecBody", () => {
  it("puts Tailscale's body into the S3 export form", () => {
    const { answer, audit, flow: flows } = read([sample])
    assert.deepStrictEqual(answer, { name: "success" })
    const event = sample.toString("utf8")
    const flowEvent = event.slice(event.indexOf("{\"nodeId\""), event.indexOf(",\"fields\""))
    const auditEvent = event.slice(event.indexOf("{\"eventGroupID\""), event.lastIndexOf(",\"fields\""))
    assert.deepStrictEqual(flows, [`{"logged":"2026-06-03T15:33:01.552946176Z",${flowEvent.slice(1)}`])
    assert.deepStrictEqual(audit, [
      `{"logged":"2026-06-03T15:34:47.809040387Z","eventTime":"2026-06-03T15:34:47.356Z",${auditEvent.slice(1)}`
    ])
  })

  it("does not care where the network cuts Tailscale's body", () => {
    const expected = read([sample])
    for (let at = 0; at <= sample.length; at++) {
      assert.deepStrictEqual(read([sample.subarray(0, at), sample.subarray(at)]), expected)
    }
    assert.deepStrictEqual(read(Array.from(sample, (byte) => Uint8Array.of(byte))), expected)
  })

  it("never reads on into bytes of an earlier chunk", () => {
    const bytes = Buffer.from(flow)
    for (let at = 1; at < bytes.length; at++) {
      const pieces = [Buffer.concat([bytes, bytes]), bytes.subarray(0, at)]
      assert.deepStrictEqual(read(pieces).answer, { name: "invalidData", event: 2 })
      assert.strictEqual(read([...pieces, bytes.subarray(at)]).flow.length, 3)
    }
  })

  it("writes what parsing and printing would write, wherever the body is cut", () => {
    const separators = fc.constantFrom("", "\n", "\r\n", " \t")
    const bodies = fc.tuple(fc.array(envelope, { minLength: 1, maxLength: 4 }), separators, fc.constantFrom(0, 1))
    fc.assert(
      fc.property(bodies, fc.array(fc.nat(), { maxLength: 4 }), ([envelopes, separator, indent], cuts) => {
        const body = Buffer.from(envelopes.map((one) => JSON.stringify(one, null, indent)).join(separator))
        const places = [0, ...cuts.map((cut) => cut % body.length).sort((a, b) => a - b), body.length]
        const result = read(places.slice(1).map((to, index) => body.subarray(places[index], to)), {
          maxRecordBytes: 1_048_576
        })
        assert.deepStrictEqual(result.answer, { name: "success" })
        const expected = envelopes.map((one) => expectedOf(one))
        const records = (kind: string) => expected.filter((one) => one.kind === kind).map(({ record }) => record)
        assert.deepStrictEqual(result.flow, records("network").map((record) => JSON.stringify(record)))
        assert.deepStrictEqual(result.audit, records("configuration").map((record) => JSON.stringify(record)))
      }),
      { numRuns: 300 }
    )
  })

  it("keeps the event's own bytes: digits beyond a double, escapes, order", () => {
    const event = `{"nodeId":"n\\u0031","txBytes":12345678901234567890,"x":1.10,"start":"","end":"","10":1,"2":2}`
    const { flow: flows } = whole(`{"event":${event},"fields":{"recorded":"2026-06-03T15:33:01Z"}}`)
    assert.deepStrictEqual(flows, [`{"logged":"2026-06-03T15:33:01Z",${event.slice(1)}`])
  })

  it("keeps no line break in a record", () => {
    const { flow: flows } = whole(`{\n"event":\r\n{ "nodeId": "a \\" {",\n"start":"" ,\t"end":\n""}}`)
    assert.deepStrictEqual(flows, [`{"logged":"${now}","nodeId":"a \\" {","start":"","end":""}`])
  })

  it("reads objects with nothing, white space or an array around them", () => {
    for (const body of [flow + flow, ` ${flow}\n\n${flow}\r\n`, `[${flow},${flow}]`, `[ ${flow} ,\n${flow} ]`]) {
      assert.deepStrictEqual(whole(body), { answer: { name: "success" }, audit: [], flow: [flowOut, flowOut] })
    }
    assert.deepStrictEqual(whole(`[${flow}][]\n${flow}`).flow, [flowOut, flowOut])
  })

  it("knows names that are written with escapes, and takes the last of two", () => {
    const escaped = flow.replace("\"event\"", "\"ev\\u0065nt\"")
    assert.deepStrictEqual(whole(escaped).flow, [flowOut])
    const twice = "{\"nodeId\":\"n1\",\"logged\":\"x\",\"start\":\"\",\"end\":\"\",\"logged\":\"2026-06-03T15:33:01Z\"}"
    assert.deepStrictEqual(whole(`{"event":${twice}}`).flow, [
      "{\"logged\":\"2026-06-03T15:33:01Z\",\"nodeId\":\"n1\",\"start\":\"\",\"end\":\"\"}"
    ])
  })

  const faults: ReadonlyArray<readonly [string, string, HecAnswer]> = [
    ["nothing", "", { name: "noData" }],
    ["white space", " \n\t", { name: "noData" }],
    ["an empty array", "[]", { name: "noData" }],
    ["no JSON", "hello", { name: "invalidData", event: 0 }],
    ["a number", "1", { name: "invalidData", event: 0 }],
    ["an object cut off", `${flow}${flow.slice(0, -1)}`, { name: "invalidData", event: 1 }],
    ["an array cut off", `[${flow},`, { name: "invalidData", event: 1 }],
    ["an array without an end", `[${flow}`, { name: "invalidData", event: 1 }],
    ["a comma outside an array", `${flow},${flow}`, { name: "invalidData", event: 1 }],
    ["no comma in an array", `[${flow}${flow}]`, { name: "invalidData", event: 1 }],
    ["an array in an array", `[[${flow}]]`, { name: "invalidData", event: 0 }],
    ["broken JSON", `${flow}{"event":{"a":01}}`, { name: "invalidData", event: 1 }],
    ["no event", `${flow}{"time":1}${flow}`, { name: "eventRequired", event: 1 }],
    ["event null", `${flow}{"event":null}`, { name: "eventRequired", event: 1 }],
    ["event empty", `{"event":""}`, { name: "eventBlank", event: 0 }],
    ["event a string", `{"event":"x"}`, { name: "invalidData", event: 0, detail: "the event is not an object" }],
    ["event an array", `{"event":[]}`, { name: "invalidData", event: 0, detail: "the event is not an object" }],
    ["event {}", `${flow}{"event":{},"nodeId":"","start":"","end":""}`, {
      name: "invalidData",
      event: 1,
      detail: "a flow record needs nodeId, start and end, an audit record needs action, actor and target"
    }],
    ["time no number", `{"time":true,"event":${flowText}}`, {
      name: "invalidData",
      event: 0,
      detail: "time is not epoch seconds"
    }],
    ["time before 1970", `{"time":-1,"event":${flowText}}`, {
      name: "invalidData",
      event: 0,
      detail: "time is not epoch seconds"
    }],
    ["fields no object", `{"event":${flowText},"fields":[]}`, {
      name: "indexedFields",
      event: 0,
      detail: "fields is not an object"
    }],
    ["recorded no time", `{"event":${flowText},"fields":{"recorded":"yesterday"}}`, {
      name: "indexedFields",
      event: 0,
      detail: "fields.recorded is not an RFC 3339 time"
    }],
    ["logged no time", `{"event":{"logged":1,${flowText.slice(1)}}`, {
      name: "invalidData",
      event: 0,
      detail: "logged is not an RFC 3339 time"
    }]
  ]
  it.each(faults)("answers %s, and takes what stands before it", (_, body, answer) => {
    const result = whole(body)
    assert.deepStrictEqual(result.answer, answer)
    assert.strictEqual(result.flow.length, answer.event ?? 0)
    // The same when each byte comes alone.
    assert.deepStrictEqual(read(Array.from(Buffer.from(body), (byte) => Uint8Array.of(byte))), result)
  })

  it("refuses flow records where flow logs are off, audit records never", () => {
    const { answer, audit } = read([sample], { flowRefusal: "switched off" })
    assert.deepStrictEqual(answer, { name: "incorrectIndex", event: 0, detail: "switched off" })
    assert.deepStrictEqual(audit, [])
    const auditOnly = sample.subarray(sample.lastIndexOf("{\"time\""))
    assert.deepStrictEqual(read([auditOnly], { flowRefusal: "switched off" }).answer, { name: "success" })
  })

  it("takes a record of the largest size and none above", () => {
    const padded = (size: number) => {
      const room = size - `{"logged":"${now}","pad":"",${flowText.slice(1)}`.length
      return `${flow}{"event":{"pad":"${"x".repeat(room)}",${flowText.slice(1)}}`
    }
    assert.strictEqual(whole(padded(4096)).flow[1]?.length, 4096)
    const tooLarge = { name: "invalidData", event: 1, detail: "a record is at most 4096 bytes" } as const
    assert.deepStrictEqual(whole(padded(4097)).answer, tooLarge)
    assert.deepStrictEqual(whole(`${flow}{"event":{"pad":"${"x".repeat(100_000)}`).answer, tooLarge)
  })

  it("needs no square of time for an object in many pieces", () => {
    const record = `{"event":{"pad":"${"x".repeat(1_000_000)}",${flowText.slice(1)}}`
    const bytes = Buffer.from(record)
    const before = performance.now()
    const { answer } = read(Array.from(bytes, (_, index) => bytes.subarray(index, index + 1)), {
      maxRecordBytes: 1_048_576
    })
    assert.deepStrictEqual(answer, { name: "success" })
    // A square would take minutes; this takes a fraction of a second, on a busy machine a few.
    assert.isBelow(performance.now() - before, 15_000)
  })
})

const expectedOf = (one: Readonly<Record<string, unknown>>) => {
  const { event, fields, time } = envelopeOf(one)
  return exported(event, { recorded: fields.recorded, time, now })
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const envelopeOf = ({ event, fields, time }: Readonly<Record<string, unknown>>) => {
  const recorded = isObject(fields) ? fields["recorded"] : undefined
  return {
    event: isObject(event) ? event : {},
    fields: { recorded: typeof recorded === "string" ? recorded : undefined },
    time: typeof time === "number" ? time : undefined
  }
}
