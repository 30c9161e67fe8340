/** What the tests of destinations have in common. */
import { assert } from "@effect/vitest"
import { DestinationId, type LedgerEvent } from "@tailrace/domain"
import { ControlLog, Secrets } from "@tailrace/event-store"
import { laneOf, Log } from "@tailrace/log"
import { Effect, Option, Redacted } from "effect"
import { exampleCom } from "./commands.ts"
import { lanes, s3Body, Server } from "./server.ts"

export const all = "tailnet/-/logging/network/destinations"
const { uploadPeriodMinutes: _, ...withoutPeriod } = s3Body
/** Without a period, so that a test may give one in seconds. */
export const body = withoutPeriod

export const create = Effect.fnUntraced(function*(more: object = {}) {
  const { ask } = yield* Server
  const answer = yield* ask("POST", all, { body: { ...body, ...more } })
  assert.strictEqual(answer.status, 200, answer.text)
  const id = DestinationId.make(JSON.parse(answer.text).id)
  return { id, path: `tailnet/-/destinations/${id}`, made: JSON.parse(answer.text) }
})

/** Where the tailnet's records lie. */
export const lane = laneOf(exampleCom, lanes)

export const delivered = (destination: DestinationId, more: object = {}): LedgerEvent => ({
  _tag: "BatchDelivered",
  destination,
  seal: "s1",
  from: 0,
  to: 3,
  count: 3,
  key: "audit/2026/01/01/00:00:00.json.zst",
  bytes: 600,
  contentBytes: 1800,
  quarantined: 1,
  attempts: 3,
  configVersion: 1,
  at: 1_767_225_600_000,
  ...more
})

export const appendFlows = (count: number) =>
  Effect.flatMap(Log, (log) =>
    log.append(
      "flow",
      lane,
      Array.from({ length: count }, () => ({ key: exampleCom, value: new TextEncoder().encode("{\"nodeId\":\"n1\"}") }))
    ))

export const audit = "tailnet/-/logging/configuration/destinations"

/** Of exactly this body, for audit logs. */
export const createFrom = Effect.fnUntraced(function*(body: object) {
  const { ask } = yield* Server
  const made = yield* ask("POST", audit, { body })
  assert.strictEqual(made.status, 200, made.text)
  return { made: JSON.parse(made.text), path: `tailnet/-/destinations/${JSON.parse(made.text).id}` }
})

/** The secret in force, as only the sender sees it. */
export const secretOf = Effect.fnUntraced(function*(id: DestinationId) {
  const control = yield* ControlLog
  const version = control.tailnet(exampleCom)?.destinations.get(id)?.versions.at(-1)
  const ref = { tailnet: exampleCom, destination: id, version: version?.secretVersion ?? "" }
  const found = yield* (yield* Secrets).get(ref)
  return { version: ref.version, secret: Option.getOrUndefined(Option.map(found, Redacted.value)) }
})
