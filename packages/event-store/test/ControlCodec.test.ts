import { assert, describe, it } from "@effect/vitest"
import { ControlRecord } from "@tailrace/domain"
import { Result } from "effect"
import { decodeControlRecord, encodeControlRecord } from "../src/index.ts"

describe("ControlCodec", () => {
  it.prop("what is written is read back, and lies on one line", [ControlRecord], ([record]) => {
    const entry = encodeControlRecord(record)
    assert.strictEqual(entry.key, record.tailnet)
    assert.notInclude(new TextDecoder().decode(entry.value ?? undefined), "\n")
    const decoded = Result.getOrThrow(decodeControlRecord(0, { ...entry, offset: 3 }))
    assert.deepStrictEqual(encodeControlRecord(decoded), entry)
  })
})
