/** Changes that tests need without going through HTTP, as the service itself would make them. */
import { type Command, type Role, TailnetName } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { Clock, Effect, Redacted } from "effect"
import { hashOf, systemActor } from "../src/index.ts"

export const exampleCom = TailnetName.make("example.com")

let number = 0

/** As the service; `at` is now unless it is given. */
export const execute = Effect.fnUntraced(
  function*(command: Command, options: { at?: number; tailnet?: TailnetName } = {}) {
    const control = yield* ControlLog
    const id = `command-${++number}`
    const at = options.at ?? (yield* Clock.currentTimeMillis)
    const { tailnet = exampleCom } = options
    return yield* Effect.orDie(
      control.execute({ tailnet, commandId: id, eventGroupID: id, origin: "CONTROL", actor: systemActor, at, command })
    )
  }
)

/** A new member with this role, and a key that says so. */
export const keyOf = Effect.fnUntraced(function*(role: Exclude<Role, "owner">, options: { expiresAt?: number } = {}) {
  const unique = ++number
  const [userId, keyId, key] = [`u${unique}CNTRL`, `k${unique}CNTRL`, `tskey-api-k${unique}CNTRL-${role}`]
  const at = options.expiresAt === undefined ? yield* Clock.currentTimeMillis : options.expiresAt - 1000
  yield* execute({ _tag: "AddMember", userId, loginName: `${role}${unique}@example.com`, displayName: role, role })
  const expiresAt = options.expiresAt ?? at + 3_600_000
  const hash = hashOf(Redacted.make(key))
  yield* execute({ _tag: "CreateApiKey", keyId, userId, hash, description: role, expiresAt }, { at })
  return { key, userId, keyId }
})
